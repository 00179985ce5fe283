#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "process/unblocked_output.h"

namespace forklift::process {

/// Writes to a descriptor that may be read slowly or not at all. What it does not take at once is
/// queued, up to a bound; what comes beyond it is dropped, counted, and reported when there is room
/// again.
class LogPipe {
  public:
    /// `fd` stays open, and is the caller's. A reader that took nothing for `patience` is not at
    /// work: see `congested`.
    LogPipe(boost::asio::any_io_executor executor, int fd,
            std::chrono::milliseconds patience = std::chrono::milliseconds(100));

    /// Text for which there is no memory is dropped as well.
    void write(std::string_view text);

    /// Returns when the queue is empty, or after `limit`. One caller at a time.
    boost::asio::awaitable<void> flushed(std::chrono::milliseconds limit);

    /// What has not been written, with word of what was lost. Nothing else is written after it.
    std::string take_rest();

    /// True while the queue is long but its reader is at work.
    bool congested() const;

  private:
    void enqueue(std::string_view text);
    void send();
    bool send_some();
    void report_loss();

    UnblockedOutput output_;
    std::chrono::milliseconds patience_;
    boost::asio::steady_timer empty_;
    std::string queue_;
    std::size_t sent_ = 0;
    std::size_t lost_ = 0;
    bool waiting_ = false;
    std::chrono::steady_clock::time_point last_progress_{};
};

}  // namespace forklift::process
