#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "local/answer.h"
#include "local/condition.h"
#include "local/function.h"
#include "local/invocation.h"
#include "local/journal.h"
#include "local/log_capture.h"
#include "local/memory_sampler.h"
#include "local/runtime_server.h"
#include "local/runtime_session.h"
#include "process/child.h"

namespace forklift::local {

/// One execution environment: a bootstrap, the Runtime API that it talks to, its log and its
/// memory. It takes one invocation at a time. When bootstrap ends, for whatever reason, so does
/// the environment; a new one takes its place.
class Environment : public std::enable_shared_from_this<Environment> {
  public:
    /// `function` and `family` must outlive it.
    Environment(boost::asio::any_io_executor executor, process::Reaper& reaper,
                const Function& function);
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment();

    /// Starts bootstrap. `on_gone` is called once, some time after this returns, when bootstrap has
    /// ended and nothing that it started is left.
    void start(std::function<void()> on_gone);

    /// Can it take invocations, now or when it is through with one?
    bool is_usable() const { return !ended_ && !ending_ && !session_->init_error(); }
    /// It has an invocation.
    bool is_busy() const { return invocation_ != nullptr; }
    bool is_free() const { return !invocation_ && is_usable(); }
    /// It would take an invocation at once.
    bool is_ready() const { return session_->is_ready(); }

    /// Gives it an invocation, for which it must be free; `answer` is to be awaited next.
    void assign(std::shared_ptr<const Invocation> invocation);
    /// Returns the answer to the assigned invocation; nothing when bootstrap ended between two
    /// invocations without having seen this one: another environment is to run it.
    boost::asio::awaitable<std::optional<Answer>> answer();
    /// Nobody waits for the answer any more: ends bootstrap, which may still be at work on it. Does
    /// nothing when the invocation has been answered.
    void abandon(const Invocation& invocation);

    /// Asks bootstrap to end (SIGTERM).
    void terminate();
    /// Ends bootstrap with SIGKILL. What it started is killed when it has ended.
    void kill();

  private:
    using Clock = std::chrono::steady_clock;

    void start_child();
    boost::asio::awaitable<void> watch();
    void close();
    void gone(std::exception_ptr failure);
    boost::asio::awaitable<void> await_end_of_failed_init();
    void end_failed_init();
    void session_changed();
    void report_end_between_invocations();

    boost::asio::awaitable<void> wait_until_taken(Clock::time_point until);
    boost::asio::awaitable<void> wait_until_answered(Clock::time_point until);
    Answer outcome();
    Answer finish(Answer answer);
    std::chrono::nanoseconds init_duration() const;

    boost::asio::any_io_executor executor_;
    process::Reaper& reaper_;
    const Function& function_;
    std::function<void()> on_gone_;
    std::shared_ptr<Journal> journal_ = std::make_shared<Journal>();
    std::shared_ptr<RuntimeSession> session_;
    std::optional<RuntimeServer> server_;
    std::shared_ptr<LogCapture> logs_;
    std::optional<process::Child> child_;
    std::shared_ptr<MemorySampler> memory_;
    Condition changed_;

    Clock::time_point started_at_{};
    bool has_polled_ = false;
    bool has_served_ = false;
    /// Bootstrap has been told to end, and has ended.
    bool ending_ = false;
    bool ended_ = false;
    /// Why bootstrap ended; nothing when it could not even be started.
    std::optional<process::ExitStatus> end_;
    std::string start_error_;
    /// The invocation that is running, or waiting for bootstrap to poll.
    std::shared_ptr<const Invocation> invocation_;
    bool timed_out_ = false;
};

}  // namespace forklift::local
