#include "protocol/message_cutter.h"

#include <fmt/format.h>

namespace forklift::protocol {

void BoundedBody::append(std::string_view piece) {
    size_ += piece.size();
    if (size_ <= max_) {
        text_ += piece;
    } else if (text_.capacity() > 0) {
        // An assignment would keep the memory.
        std::string().swap(text_);
    }
}

void BoundedBody::move_into(WorkerMessage& message) {
    message.too_large = size_ > max_;
    message.body_size = std::exchange(size_, 0);
    message.body = std::exchange(text_, {});
}

void MessageCutter::feed(std::string_view bytes) {
    arrived_ += bytes.size();
    while (!bytes.empty() && !mistake_) {
        const std::size_t taken = step(bytes);
        bytes.remove_prefix(taken);
        end_ += taken;
        if (!whole_) continue;
        complete_.emplace_back(std::move(*whole_), end_);
        whole_.reset();
        begin_ = end_;
        ++number_;
    }
}

std::optional<WorkerMessage> MessageCutter::take() {
    if (complete_.empty()) return std::nullopt;
    auto [message, end] = std::move(complete_.front());
    complete_.pop_front();
    taken_ = end;
    return std::move(message);
}

const std::optional<std::string>& MessageCutter::mistake() const {
    static const std::optional<std::string> none;
    return complete_.empty() ? mistake_ : none;
}

void MessageCutter::break_off(std::size_t at, std::string_view found, std::string_view right) {
    mistake_ = fmt::format("message {}, byte {}: found {}, where {} must stand", number_, at, found,
                           right);
}

}  // namespace forklift::protocol
