#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace forklift::protocol {

/// Calls back when something has taken too long, for things that follow each other quickly and
/// seldom do. The timer under it is left as it is when one is over in time, and looked at anew when
/// it fires: to set a limit or to lift it is no system call.
class TimeLimit {
  public:
    using Clock = std::chrono::steady_clock;

    /// `passed` is called from the loop.
    TimeLimit(boost::asio::any_io_executor executor, std::function<void()> passed);
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;
    ~TimeLimit();

    /// Replaces the limit in force.
    void set(Clock::time_point limit);
    void lift() { limit_.reset(); }

    /// Lifts the limit in force when it goes, be it by an exception.
    class Scope {
      public:
        explicit Scope(TimeLimit& limit) : limit_(limit) {}
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
        ~Scope() { limit_.lift(); }

      private:
        TimeLimit& limit_;
    };

  private:
    void watch(Clock::time_point until);

    boost::asio::steady_timer timer_;
    std::function<void()> passed_;
    std::optional<Clock::time_point> limit_;
    /// When the timer fires, while it runs.
    std::optional<Clock::time_point> watched_;
    /// A timer whose time has come in the turn of the loop in which it goes calls all the same.
    std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);
};

}  // namespace forklift::protocol
