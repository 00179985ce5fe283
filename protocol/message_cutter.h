#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/worker_message.h"

namespace forklift::protocol {

/// A body as it arrives, kept up to a size and counted beyond it.
class BoundedBody {
  public:
    explicit BoundedBody(std::size_t max) : max_(max) {}

    /// So many bytes are to come.
    void expect(std::uint64_t size) {
        if (size <= max_) text_.reserve(size);
    }
    void append(std::string_view piece);

    std::size_t size() const { return size_; }
    /// Empty again afterwards.
    void move_into(WorkerMessage& message);

  private:
    std::size_t max_;
    std::size_t size_ = 0;
    std::string text_;
};

/// What the ways to cut a stream into messages have in common: bytes go in piece by piece, messages
/// come out.
class MessageCutter {
  public:
    MessageCutter() = default;
    MessageCutter(const MessageCutter&) = delete;
    MessageCutter& operator=(const MessageCutter&) = delete;
    virtual ~MessageCutter() = default;

    void feed(std::string_view bytes);
    std::optional<WorkerMessage> take();
    /// A mistake comes after the messages that were whole before it.
    const std::optional<std::string>& mistake() const;
    std::size_t pending() const { return arrived_ - taken_; }

  protected:
    /// Takes some of the bytes and returns how many: at least one, unless `break_off` was called.
    virtual std::size_t step(std::string_view bytes) = 0;

    /// The message ends with the bytes of this step.
    void end_message(WorkerMessage message) { whole_ = std::move(message); }

    /// The frame is broken at byte `at` of the message.
    void break_off(std::size_t at, std::string_view found, std::string_view right);

    /// How many bytes of the message lie before this step.
    std::size_t offset() const { return end_ - begin_; }
    /// The first message is 1.
    std::size_t number() const { return number_; }

  private:
    std::optional<WorkerMessage> whole_;
    /// Messages not yet taken, with `end_` as it was.
    std::deque<std::pair<WorkerMessage, std::size_t>> complete_;
    std::optional<std::string> mistake_;
    /// Bytes of the stream: that have arrived, up to the end of the last message taken, up to the
    /// beginning of the message under way, up to the end of the last step.
    std::size_t arrived_ = 0;
    std::size_t taken_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t number_ = 1;
};

std::unique_ptr<MessageCutter> make_line_cutter(std::size_t max_body);
std::unique_ptr<MessageCutter> make_frame_cutter(std::size_t max_body);

}  // namespace forklift::protocol
