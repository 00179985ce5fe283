#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/worker_message.h"

namespace forklift::protocol {

class MessageCutter;

/// Cuts what a worker writes to stdout into messages, as the bytes arrive.
class WorkerReader {
  public:
    /// A body of more than `max_body` bytes is counted and dropped as it arrives.
    WorkerReader(Framing framing, std::size_t max_body);
    ~WorkerReader();
    WorkerReader(WorkerReader&&) noexcept;
    WorkerReader& operator=(WorkerReader&&) noexcept;
    WorkerReader(const WorkerReader&) = delete;
    WorkerReader& operator=(const WorkerReader&) = delete;

    /// Takes bytes as they were read. Nothing is understood beyond a broken frame.
    void feed(std::string_view bytes);

    /// The next message that is complete, or nothing.
    std::optional<WorkerMessage> take();

    /// What broke the framing: what stood where, and what would be right. Nothing while all is
    /// well, and while a message that was complete before the mistake is still to be taken.
    const std::optional<std::string>& mistake() const;

    /// How many bytes have arrived that belong to no message taken: 0 between messages.
    std::size_t pending() const;

  private:
    std::unique_ptr<MessageCutter> cutter_;
};

}  // namespace forklift::protocol
