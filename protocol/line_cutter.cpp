#include "protocol/message_cutter.h"

namespace forklift::protocol {

namespace {

/// A message is a line; a carriage return before its end is no part of it.
class LineCutter : public MessageCutter {
  public:
    explicit LineCutter(std::size_t max_body) : body_(max_body) {}

  private:
    std::size_t step(std::string_view bytes) override {
        const auto end = bytes.find('\n');
        append(bytes.substr(0, end));
        if (end == bytes.npos) return bytes.size();
        carriage_return_ = false;
        WorkerMessage message;
        body_.move_into(message);
        end_message(std::move(message));
        return end + 1;
    }

    void append(std::string_view piece) {
        if (piece.empty()) return;
        if (carriage_return_) body_.append("\r");
        carriage_return_ = piece.back() == '\r';
        if (carriage_return_) piece.remove_suffix(1);
        body_.append(piece);
    }

    BoundedBody body_;
    /// One is held back: it is part of the line unless the end follows.
    bool carriage_return_ = false;
};

}  // namespace

std::unique_ptr<MessageCutter> make_line_cutter(std::size_t max_body) {
    return std::make_unique<LineCutter>(max_body);
}

}  // namespace forklift::protocol
