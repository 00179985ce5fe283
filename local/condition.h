#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <vector>

namespace forklift::local {

/// A condition variable for coroutines of one thread: waiters look at what they wait for, wait, and
/// look again.
class Condition {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Condition(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// Returns after the next `notify_all`, or at `until`.
    boost::asio::awaitable<void> wait_until(Time until);
    boost::asio::awaitable<void> wait() { return wait_until(Time::max()); }

    void notify_all();

  private:
    struct Waiter;
    using Waiters = std::vector<boost::asio::steady_timer*>;

    boost::asio::any_io_executor executor_;
    /// Shared with those who wait: a loop that ends may take them with it after this.
    std::shared_ptr<Waiters> waiters_ = std::make_shared<Waiters>();
};

}  // namespace forklift::local
