#include "local/environment.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <csignal>
#include <stdexcept>

#include "local/function_environment.h"
#include "local/identifiers.h"
#include "local/report_line.h"
#include "process/pipe.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Lambda's limit for the init of an on-demand environment.
constexpr auto init_limit = 10s;
/// How long a runtime may take to exit after it has reported that its init failed.
constexpr auto init_error_grace = 500ms;
/// Memory is sampled early, for programs that live for milliseconds, and then ever less often.
constexpr auto first_sample = 1ms;
constexpr auto sample_interval = 5ms;

}  // namespace

Environment::Environment(asio::any_io_executor executor, Family& family, const Function& function)
    : executor_(executor),
      family_(family),
      function_(function),
      session_(std::make_shared<RuntimeSession>(executor, function.timeout,
                                                [this] { session_changed(); })),
      sampling_timer_(executor),
      changed_(executor) {}

void Environment::start(std::function<void()> on_gone) {
    on_gone_ = std::move(on_gone);
    started_at_ = Clock::now();
    start_bootstrap();
    if (!child_) {
        ended_ = true;
        journal_->line("forklift: " + start_error_);
    }
    asio::co_spawn(executor_, watch(shared_from_this()), asio::detached);
}

/// Sets `child_`, or `start_error_`.
void Environment::start_bootstrap() {
    try {
        server_.emplace(executor_, session_);
    } catch (const std::runtime_error& error) {
        start_error_ = error.what();
        return;
    }
    std::error_code error;
    process::Pipe out = process::make_output_pipe(error);
    process::Pipe err = process::make_output_pipe(error);
    const process::UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    process::Command command;
    command.program = function_.bootstrap.string();
    command.environment =
        function_environment(function_, server_->address(), make_log_stream_name());
    command.directory = function_.task_root.string();
    if (error || !null) {
        const process::SpawnError no_streams{process::SpawnStage::streams,
                                             error ? error.value() : errno};
        start_error_ = process::describe(no_streams, command);
        return;
    }
    auto spawned =
        family_.spawn(executor_, command, {null.get(), out.write_end.get(), err.write_end.get()});
    if (const auto* failure = std::get_if<process::SpawnError>(&spawned)) {
        start_error_ = process::describe(*failure, command);
        return;
    }
    child_.emplace(std::move(std::get<process::Child>(spawned)));
    gauge_.emplace(child_->pid());
    logs_ = std::make_shared<LogCapture>(executor_, journal_, std::move(out.read_end),
                                         std::move(err.read_end));
    logs_->start();
}

/// Lives as long as bootstrap, and clears up behind it.
asio::awaitable<void> Environment::watch(std::shared_ptr<Environment> /*kept alive*/) {
    if (child_) {
        const pid_t pid = child_->pid();
        co_await child_->ended();
        logs_->drain();
        // The group's number stays ours until bootstrap is reaped.
        child_->signal_group(SIGKILL);
        end_ = child_->reap();
        family_.forget(pid);
        ended_ = true;
        if (!invocation_) report_end_between_invocations();
    }
    session_->close();
    if (server_) server_->stop();
    changed_.notify_all();
    co_await family_.sweep();
    if (logs_) {
        logs_->drain();
        logs_->close();
    }
    on_gone_();
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
        gauge_->sample();
    }
    if (session_->init_error()) {
        gauge_->sample();
        asio::co_spawn(executor_, end_failed_init(shared_from_this()), asio::detached);
    }
}

asio::awaitable<void> Environment::end_failed_init(std::shared_ptr<Environment> /*kept alive*/) {
    const auto until = Clock::now() + init_error_grace;
    while (!ended_ && Clock::now() < until) co_await changed_.wait_until(until);
    kill();
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
        begin_sampling();
        co_await wait_until_answered(session_->taken_at() + function_.timeout);
    }
    Answer result = finish(outcome());
    has_served_ = true;
    invocation_.reset();
    co_return result;
}

void Environment::begin_sampling() {
    gauge_->begin();
    sample_after(first_sample);
}

void Environment::sample_after(std::chrono::milliseconds delay) {
    sampling_timer_.expires_after(delay);
    sampling_timer_.async_wait(
        [this, self = shared_from_this(), delay](const boost::system::error_code& error) {
            if (error || !invocation_ || ended_ || session_->is_answered()) return;
            gauge_->sample();
            sample_after(std::min<std::chrono::milliseconds>(2 * delay, sample_interval));
        });
}

/// How the invocation ended; one that has not ended by now is over its time.
Answer Environment::outcome() {
    if (session_->is_answered()) return session_->take_answer();
    if (session_->init_error()) return *session_->init_error();
    const std::string& id = invocation_->request_id;
    if (!ended_) {
        timed_out_ = true;
        gauge_->sample();
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
    sampling_timer_.cancel();
    const std::string& id = invocation_->request_id;
    if (!ended_) {
        gauge_->sample();
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
    report.peak_bytes = gauge_ ? gauge_->peak_bytes() : 0;
    report.error_type = answer.error_type;
    journal_->lines(fmt::format("END RequestId: {}\n{}\n", id, report_line(report)));
    answer.log_tail = journal_->take_tail();
    return answer;
}

}  // namespace forklift::local
