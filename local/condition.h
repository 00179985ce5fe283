#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <vector>

#include <boost/asio/steady_timer.hpp>

namespace forklift::local {

/// A condition variable for coroutines of one thread: waiters look at what they wait for, wait, and
/// look again. It must outlive its waiters.
class Condition {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Condition(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// Returns after the next `notify_all`, or at `until`.
    boost::asio::awaitable<void> wait_until(Time until);
    boost::asio::awaitable<void> wait() { return wait_until(Time::max()); }

    void notify_all();

  private:
    boost::asio::any_io_executor executor_;
    std::vector<boost::asio::steady_timer*> waiters_;
};

}  // namespace forklift::local
