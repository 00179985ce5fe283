#include "local/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "local/event_loop.h"
#include "local/failure_report.h"
#include "local/report_line.h"
#include "local/started_bootstrap.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Lambda's limit for the init of an on-demand environment.
constexpr auto init_limit = 10s;
/// How long a runtime may take to exit after it has reported that its init failed.
constexpr auto init_error_grace = 500ms;
/// How long what a dead environment leaves behind may take to end after SIGKILL.
constexpr auto sweep_limit = 5s;

}  // namespace

Environment::Environment(asio::any_io_executor executor, process::Reaper& reaper,
                         const Function& function)
    : executor_(executor),
      reaper_(reaper),
      function_(function),
      session_(std::make_shared<RuntimeSession>(executor, function.timeout,
                                                [this] { session_changed(); })),
      changed_(executor) {}

void Environment::start(std::function<void()> on_gone) {
    on_gone_ = std::move(on_gone);
    started_at_ = Clock::now();
    start_child();
    if (!child_) {
        ended_ = true;
        journal_->line("forklift: " + start_error_);
    }
    run_by_itself(executor_, watch(),
                  [self = shared_from_this()](std::exception_ptr failure) { self->gone(failure); });
}

/// Sets `child_`, or `start_error_`.
void Environment::start_child() {
    try {
        server_.emplace(executor_, session_);
    } catch (const std::runtime_error& error) {
        start_error_ = error.what();
        return;
    }
    auto started = start_bootstrap(executor_, reaper_, function_, server_->address());
    if (auto* error = std::get_if<std::string>(&started)) {
        start_error_ = std::move(*error);
        return;
    }
    auto& [child, out, err] = std::get<StartedBootstrap>(started);
    child_.emplace(std::move(child));
    memory_ = std::make_shared<MemorySampler>(executor_, child_->pid());
    logs_ = std::make_shared<LogCapture>(executor_, journal_, std::move(out), std::move(err));
    logs_->start();
}

/// Lives as long as bootstrap, and clears up behind it.
asio::awaitable<void> Environment::watch() {
    if (child_) {
        co_await child_->ended();
        logs_->drain();
        // The group's number stays ours until bootstrap is reaped.
        child_->signal_group(SIGKILL);
        end_ = child_->reap();
        ended_ = true;
        if (!invocation_) report_end_between_invocations();
    }
    close();
    co_await reaper_.end_orphans(sweep_limit);
    if (logs_) {
        logs_->drain();
        logs_->close();
    }
}

void Environment::close() {
    session_->close();
    if (server_) server_->stop();
    changed_.notify_all();
}

void Environment::gone(std::exception_ptr failure) {
    if (failure) {
        report_failure("an environment has ended badly", failure);
        if (!end_ && child_) {
            // Whoever drops a child kills it.
            end_ = process::Signaled{SIGKILL};
            child_.reset();
        }
        ended_ = true;
        close();
        if (logs_) logs_->close();
    }
    on_gone_();
}

Environment::~Environment() {
    // A request of bootstrap's may still hold it.
    session_->detach();
}

void Environment::report_end_between_invocations() {
    if (ending_ && !session_->init_error()) return;
    if (!session_->first_polled_at()) {
        const auto& error = session_->init_error();
        journal_->line(
            init_report_line(init_duration(), error ? error->error_type : "Runtime.ExitError"));
        if (error) return;
    }
    journal_->line(
        fmt::format("forklift: {}; the next event starts a new environment", exit_text(*end_)));
}

void Environment::session_changed() {
    changed_.notify_all();
    if (!has_polled_ && session_->first_polled_at()) {
        has_polled_ = true;
        memory_->sample();
    }
    if (session_->init_error()) {
        memory_->sample();
        end_failed_init();
    }
}

/// Bootstrap is expected to end by itself.
void Environment::end_failed_init() {
    const auto end = [self = shared_from_this()](std::exception_ptr failure) {
        if (failure) report_failure("bootstrap was not waited for", failure);
        self->kill();
    };
    try {
        run_by_itself(executor_, await_end_of_failed_init(), end);
    } catch (...) {
        end(std::current_exception());
    }
}

asio::awaitable<void> Environment::await_end_of_failed_init() {
    const auto until = Clock::now() + init_error_grace;
    while (!ended_ && Clock::now() < until) co_await changed_.wait_until(until);
}

void Environment::terminate() {
    ending_ = true;
    if (child_) child_->signal_group(SIGTERM);
}

void Environment::kill() {
    ending_ = true;
    if (child_) child_->signal_group(SIGKILL);
}

asio::awaitable<void> Environment::wait_until_taken(Clock::time_point until) {
    while (!session_->is_taken() && !ended_ && Clock::now() < until) {
        co_await changed_.wait_until(until);
    }
}

asio::awaitable<void> Environment::wait_until_answered(Clock::time_point until) {
    while (!session_->is_answered() && !ended_ && Clock::now() < until) {
        co_await changed_.wait_until(until);
    }
}

void Environment::assign(std::shared_ptr<const Invocation> invocation) {
    invocation_ = std::move(invocation);
    session_->offer(invocation_);
}

void Environment::abandon(const Invocation& invocation) {
    if (invocation_.get() != &invocation) return;
    invocation_.reset();
    kill();
}

asio::awaitable<std::optional<Answer>> Environment::answer() {
    const auto self = shared_from_this();
    const bool in_init = !session_->first_polled_at();
    const auto ready_by = in_init ? started_at_ + init_limit : Clock::now();
    co_await wait_until_taken(std::max(Clock::now(), ready_by) + function_.timeout);
    if (ended_ && !session_->is_taken() && has_served_) {
        invocation_.reset();
        co_return std::nullopt;
    }
    journal_->begin(invocation_->wants_log);
    journal_->line(fmt::format("START RequestId: {} Version: {}", invocation_->request_id,
                               invocation_->version));
    if (session_->is_taken()) {
        // The event is on its way by now: what is done here costs the function no time.
        memory_->begin();
        co_await wait_until_answered(session_->taken_at() + function_.timeout);
    }
    Answer result = finish(outcome());
    has_served_ = true;
    invocation_.reset();
    co_return result;
}

/// How the invocation ended; one that has not ended by now is over its time.
Answer Environment::outcome() {
    if (session_->is_answered()) return session_->take_answer();
    if (session_->init_error()) return *session_->init_error();
    const std::string& id = invocation_->request_id;
    if (!ended_) {
        timed_out_ = true;
        memory_->sample();
        logs_->drain();
        kill();
        return timeout_error(id, function_.timeout);
    }
    if (!end_) {
        return error_answer("Runtime.InvalidEntrypoint",
                            fmt::format("RequestId: {} Error: {}", id, start_error_));
    }
    return exit_error(id, *end_);
}

std::chrono::nanoseconds Environment::init_duration() const {
    return session_->first_polled_at().value_or(Clock::now()) - started_at_;
}

/// Completes the log and hands its tail to the answer.
Answer Environment::finish(Answer answer) {
    if (memory_) memory_->stop();
    const std::string& id = invocation_->request_id;
    if (!ended_) {
        memory_->sample();
        logs_->drain();
    }
    if (timed_out_) {
        journal_->line(timeout_line(id, timeout_text(function_.timeout)));
    } else if (end_ && !session_->is_answered() && !session_->init_error()) {
        journal_->line(
            fmt::format("RequestId: {} Error: {}\n{}", id, exit_text(*end_), answer.error_type));
    }
    Report report;
    report.request_id = id;
    if (session_->is_taken()) {
        const auto end = session_->is_answered() ? session_->answered_at() : Clock::now();
        report.duration = end - session_->taken_at();
    }
    if (!has_served_) report.init = init_duration();
    report.memory_mb = function_.memory_mb;
    report.peak_bytes = memory_ ? memory_->peak_bytes() : 0;
    report.error_type = answer.error_type;
    journal_->lines(fmt::format("END RequestId: {}\n{}\n", id, report_line(report)));
    answer.log_tail = journal_->take_tail();
    return answer;
}

}  // namespace forklift::local
