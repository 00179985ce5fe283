#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "local/answer.h"
#include "local/assignment.h"
#include "local/condition.h"
#include "local/environment.h"
#include "local/function.h"
#include "local/invocation.h"

namespace forklift::local {

/// The environments of a function: up to `concurrency` of them, started as load needs them, a new
/// one in the place of each that ended.
class EnvironmentPool {
  public:
    /// `family` and `function` must outlive it.
    EnvironmentPool(boost::asio::any_io_executor executor, process::Reaper& reaper,
                    const Function& function, std::size_t concurrency);

    /// Starts the first environment ahead of the first event, so that a failing init shows early.
    void warm_up();

    /// Runs an invocation and returns its answer; nothing when every environment is taken, or when
    /// the pool is shutting down.
    boost::asio::awaitable<std::optional<Answer>> invoke(
        std::shared_ptr<const Invocation> invocation);

    /// Takes an invocation whose answer nobody waits for; it runs when an environment is free.
    /// Returns false when too many, or too many bytes, are waiting already.
    bool enqueue(std::shared_ptr<const Invocation> invocation);

    /// Takes no more invocations, lets those that run end within `grace`, and ends every
    /// environment: SIGTERM, SIGKILL some time after it. Returns when nothing is left.
    boost::asio::awaitable<void> shut_down(std::chrono::milliseconds grace);

    /// Ends every environment at once. `shut_down` waits until they are gone.
    void kill();

    bool is_shutting_down() const { return shutting_down_; }

  private:
    std::shared_ptr<Environment> find_free();
    Assignment assign(std::shared_ptr<const Invocation> invocation);
    std::shared_ptr<Environment> start_environment();
    void forget(const Environment* environment);
    void run_queue() noexcept;
    void run_queue_later() noexcept;
    void run_next_queued(Assignment assignment);
    boost::asio::awaitable<void> run_queued(Assignment assignment,
                                            std::shared_ptr<const Invocation> invocation);
    boost::asio::awaitable<std::optional<Answer>> run(Assignment assignment,
                                                      std::shared_ptr<const Invocation> invocation);
    bool is_busy() const;
    boost::asio::awaitable<void> wait_until_idle(std::chrono::steady_clock::time_point until);
    boost::asio::awaitable<void> wait_until_empty(std::chrono::steady_clock::time_point until);

    boost::asio::any_io_executor executor_;
    process::Reaper& reaper_;
    const Function& function_;
    std::size_t concurrency_;
    /// Those that are ending are among them until they are gone.
    std::vector<std::shared_ptr<Environment>> environments_;
    std::deque<std::shared_ptr<const Invocation>> queue_;
    std::size_t queued_bytes_ = 0;
    Condition changed_;
    boost::asio::steady_timer queue_timer_;
    bool shutting_down_ = false;
};

}  // namespace forklift::local
