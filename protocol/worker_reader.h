#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/worker_message.h"

namespace forklift::protocol {

/// Cuts what a worker writes to stdout into messages, as the bytes arrive.
class WorkerReader {
  public:
    /// A body of more than `max_body` bytes is counted and dropped as it arrives.
    WorkerReader(Framing framing, std::size_t max_body);
    ~WorkerReader();
    WorkerReader(WorkerReader&&) noexcept;
    WorkerReader& operator=(WorkerReader&&) noexcept;

    /// Takes bytes as they were read. Nothing is understood beyond a broken frame.
    void feed(std::string_view bytes);

    /// The next message that is complete, or nothing.
    std::optional<WorkerMessage> take();

    /// What broke the framing, what stood there, and what would be right; nothing while all is
    /// well.
    const std::optional<std::string>& mistake() const;

    /// Bytes that have arrived and belong to no message taken: 0 between messages.
    std::size_t pending() const;

  private:
    class Frames;
    std::unique_ptr<Frames> frames_;
};

}  // namespace forklift::protocol
