#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>

#include "local/memory_gauge.h"

namespace forklift::local {

/// Samples the memory of a process and its descendants while an invocation runs: early, for
/// programs that live for milliseconds, and then ever less often.
class MemorySampler : public std::enable_shared_from_this<MemorySampler> {
  public:
    MemorySampler(boost::asio::any_io_executor executor, pid_t root)
        : timer_(executor), gauge_(root) {}

    /// Begins a measurement, which goes on until `stop`.
    void begin();
    void stop();

    /// Takes a sample now.
    void sample();

    std::size_t peak_bytes() const { return gauge_.peak_bytes(); }

  private:
    void sample_after(std::chrono::milliseconds delay);

    boost::asio::steady_timer timer_;
    MemoryGauge gauge_;
    bool runs_ = false;
};

}  // namespace forklift::local
