#include <fmt/format.h>

#include <algorithm>

#include "protocol/header_line.h"
#include "protocol/message_cutter.h"
#include "protocol/shown_bytes.h"

namespace forklift::protocol {

namespace {

/// Of header lines, of trailer lines, and of one chunk's size line.
constexpr std::size_t max_block = 64 * 1024;

/// A message is a block of header lines and a body, counted or chunked:
///
///   head ──► body ──► (end)
///     └────► chunk_size ──► chunk ──► chunk_end ──► chunk_size
///                 └─ 0 ──► trailers ──► (end)
class FrameCutter : public MessageCutter {
  public:
    explicit FrameCutter(std::size_t max_body) : body_(max_body) {}

  private:
    enum class State { head, body, chunk_size, chunk, chunk_end, trailers };

    std::size_t step(std::string_view bytes) override {
        switch (state_) {
            case State::body:
            case State::chunk:
                return take_body(bytes);
            case State::chunk_end:
                return take_chunk_end(bytes);
            default:
                return take_line(bytes);
        }
    }

    std::size_t take_line(std::string_view bytes) {
        const auto end = bytes.find('\n');
        const std::size_t taken = end == bytes.npos ? bytes.size() : end + 1;
        block_size_ += taken;
        if (block_size_ > max_block) {
            break_off(offset() + taken - (block_size_ - max_block),
                      fmt::format("more than {} bytes of header lines", max_block),
                      "the empty line that ends them");
            return taken;
        }
        line_ += bytes.substr(0, end);
        if (end == bytes.npos) return taken;
        const std::size_t line_at = offset() + taken - line_.size() - 1;
        if (line_.ends_with('\r')) line_.pop_back();
        end_line(line_at);
        line_.clear();
        return taken;
    }

    void end_line(std::size_t at) {
        if (state_ == State::chunk_size) {
            begin_chunk(at);
        } else if (!line_.empty()) {
            add_field(at);
        } else if (state_ == State::trailers) {
            finish();
        } else {
            begin_body(at);
        }
    }

    void add_field(std::size_t at) {
        const auto field = read_header_line(line_);
        if (!field) {
            const bool first =
                state_ == State::head && message_.headers.begin() == message_.headers.end();
            break_off(at, "the line " + shown_bytes(line_),
                      first && number() > 1
                          ? "a header line (Name: value), or more bytes of the body before it,"
                          : "a header line (Name: value)");
            return;
        }
        auto& fields = state_ == State::head ? message_.headers : message_.trailers;
        fields.add(std::string(field->first), std::string(field->second));
    }

    /// The head ends with the line at `at`: how long is the body?
    void begin_body(std::size_t at) {
        const auto length = message_.headers.find("Content-Length");
        const auto encoding = message_.headers.find("Transfer-Encoding");
        if (length && encoding) {
            break_off(at, "the end of a header with both Content-Length and Transfer-Encoding",
                      "a header with one of them");
        } else if (encoding) {
            begin_chunks(at, *encoding);
        } else if (length) {
            begin_counted(at, *length);
        } else {
            explain_no_length(at);
        }
    }

    void explain_no_length(std::size_t at) {
        const auto first = message_.headers.begin();
        if (first == message_.headers.end()) {
            break_off(at, "an empty line", "the first header line of a message (Name: value)");
            return;
        }
        break_off(at,
                  fmt::format("the end of a header that begins with {}",
                              shown_bytes(first->first + ": " + first->second)),
                  "Content-Length or Transfer-Encoding: chunked");
    }

    void begin_counted(std::size_t at, std::string_view text) {
        const auto length = read_length(text);
        const auto count = std::count_if(
            message_.headers.begin(), message_.headers.end(),
            [](const auto& field) { return equal_ignoring_case(field.first, "Content-Length"); });
        if (!length) {
            break_off(at, "Content-Length: " + shown_bytes(text),
                      "a number of bytes in decimal digits");
        } else if (count > 1) {
            break_off(at, fmt::format("{} times Content-Length", count), "one");
        } else {
            state_ = State::body;
            left_ = *length;
            body_.expect(left_);
            if (left_ == 0) finish();
        }
    }

    void begin_chunks(std::size_t at, std::string_view encoding) {
        if (!equal_ignoring_case(encoding, "chunked")) {
            break_off(at, "Transfer-Encoding: " + shown_bytes(encoding), "chunked");
            return;
        }
        state_ = State::chunk_size;
        block_size_ = 0;
    }

    void begin_chunk(std::size_t at) {
        const auto size = read_chunk_size(line_);
        if (!size) {
            break_off(at, "the line " + shown_bytes(line_),
                      "the size of a chunk in hexadecimal digits");
            return;
        }
        left_ = chunk_ = *size;
        block_size_ = 0;
        state_ = left_ > 0 ? State::chunk : State::trailers;
    }

    std::size_t take_body(std::string_view bytes) {
        const std::string_view piece = bytes.substr(0, left_);
        body_.append(piece);
        left_ -= piece.size();
        if (left_ == 0) {
            if (state_ == State::body)
                finish();
            else
                state_ = State::chunk_end;
        }
        return piece.size();
    }

    std::size_t take_chunk_end(std::string_view bytes) {
        if (bytes[0] == '\n') {
            line_.clear();
            state_ = State::chunk_size;
        } else if (bytes[0] == '\r' && line_.empty()) {
            line_ = "\r";
        } else {
            break_off(offset(), shown_bytes(bytes, 20),
                      fmt::format("the line end after a chunk of {} bytes", chunk_));
        }
        return 1;
    }

    void finish() {
        body_.move_into(message_);
        end_message(std::exchange(message_, {}));
        state_ = State::head;
        block_size_ = 0;
    }

    State state_ = State::head;
    WorkerMessage message_;
    BoundedBody body_;
    /// What has arrived of a line.
    std::string line_;
    std::size_t block_size_ = 0;
    /// Bytes of the body or the chunk still to come, and how large the chunk is.
    std::uint64_t left_ = 0;
    std::uint64_t chunk_ = 0;
};

}  // namespace

std::unique_ptr<MessageCutter> make_frame_cutter(std::size_t max_body) {
    return std::make_unique<FrameCutter>(max_body);
}

}  // namespace forklift::protocol
