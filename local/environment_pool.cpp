#include "local/environment_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

#include "local/event_loop.h"
#include "local/failure_report.h"
#include "local/standard_error.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Events that may wait, and the bytes of them all.
constexpr std::size_t max_queued = 1000;
constexpr std::size_t max_queued_bytes = 64 * 1024 * 1024;
/// How long events wait that could not be run for want of memory.
constexpr auto queue_pause = 50ms;
/// How long a bootstrap may take to end after SIGTERM: it may be removing a scratch folder.
constexpr auto end_limit = 10s;
/// A process that has been sent SIGKILL is gone sooner than this, unless a device holds it.
constexpr auto kill_limit = 5s;

}  // namespace

EnvironmentPool::EnvironmentPool(asio::any_io_executor executor, process::Reaper& reaper,
                                 const Function& function, std::size_t concurrency)
    : executor_(executor),
      reaper_(reaper),
      function_(function),
      concurrency_(concurrency),
      changed_(executor),
      queue_timer_(executor) {}

void EnvironmentPool::warm_up() {
    try {
        start_environment();
    } catch (...) {
        report_failure("no environment was started ahead of the first event",
                       std::current_exception());
    }
}

std::shared_ptr<Environment> EnvironmentPool::start_environment() {
    auto environment = std::make_shared<Environment>(executor_, reaper_, function_);
    environments_.push_back(environment);
    Environment* const key = environment.get();
    try {
        environment->start([this, key] {
            forget(key);
            run_queue();
        });
    } catch (...) {
        forget(key);
        throw;
    }
    return environment;
}

void EnvironmentPool::forget(const Environment* environment) {
    std::erase_if(environments_, [=](const auto& known) { return known.get() == environment; });
    changed_.notify_all();
}

/// A free environment, by preference one that is waiting for an event, or a new one; null when
/// there can be none.
std::shared_ptr<Environment> EnvironmentPool::find_free() {
    if (shutting_down_) return nullptr;
    std::shared_ptr<Environment> free;
    std::size_t usable = 0;
    for (const auto& environment : environments_) {
        if (environment->is_usable()) ++usable;
        if (!environment->is_free()) continue;
        if (environment->is_ready()) return environment;
        if (!free) free = environment;
    }
    if (free) return free;
    return usable < concurrency_ ? start_environment() : nullptr;
}

Assignment EnvironmentPool::assign(std::shared_ptr<const Invocation> invocation) {
    auto environment = find_free();
    return environment ? Assignment(std::move(environment), std::move(invocation)) : Assignment();
}

asio::awaitable<std::optional<Answer>> EnvironmentPool::invoke(
    std::shared_ptr<const Invocation> invocation) {
    return run(assign(invocation), invocation);
}

asio::awaitable<std::optional<Answer>> EnvironmentPool::run(
    Assignment assignment, std::shared_ptr<const Invocation> invocation) {
    std::optional<Answer> answer;
    while (assignment && !answer) {
        answer = co_await assignment.answer();
        if (!answer) assignment = assign(invocation);
    }
    run_queue();
    if (shutting_down_) changed_.notify_all();
    co_return answer;
}

bool EnvironmentPool::enqueue(std::shared_ptr<const Invocation> invocation) {
    const std::size_t size = invocation->payload->size();
    if (shutting_down_ || queue_.size() >= max_queued || queued_bytes_ + size > max_queued_bytes)
        return false;
    queued_bytes_ += size;
    queue_.push_back(std::move(invocation));
    run_queue();
    return true;
}

/// Events that cannot be run now are looked at again when an environment has ended or is free.
void EnvironmentPool::run_queue() noexcept {
    try {
        while (!queue_.empty()) {
            auto assignment = assign(queue_.front());
            if (!assignment) return;
            run_next_queued(std::move(assignment));
        }
    } catch (...) {
        report_failure("a queued event has to wait", std::current_exception());
        run_queue_later();
    }
}

/// Where there is no memory for this either, the next event that comes has to see to it.
void EnvironmentPool::run_queue_later() noexcept {
    try {
        queue_timer_.expires_after(queue_pause);
        queue_timer_.async_wait([this](const boost::system::error_code& error) {
            if (!error) run_queue();
        });
    } catch (...) {
        report_failure("queued events wait for the next one", std::current_exception());
    }
}

/// Runs the first event of the queue, which has been assigned.
void EnvironmentPool::run_next_queued(Assignment assignment) {
    const auto invocation = queue_.front();
    std::string what = fmt::format("the queued event {} has failed", invocation->request_id);
    auto running = run_queued(std::move(assignment), invocation);
    std::function<void(std::exception_ptr)> end = [what](std::exception_ptr failure) {
        if (failure) report_failure(what, failure);
    };
    queued_bytes_ -= invocation->payload->size();
    queue_.pop_front();
    run_by_itself(executor_, std::move(running), std::move(end));
}

asio::awaitable<void> EnvironmentPool::run_queued(Assignment assignment,
                                                  std::shared_ptr<const Invocation> invocation) {
    const auto answer = co_await run(std::move(assignment), invocation);
    // The environment ended before it saw the event, and others have taken every place meanwhile.
    if (answer) co_return;
    if (shutting_down_) throw std::runtime_error("forklift is shutting down");
    queued_bytes_ += invocation->payload->size();
    queue_.push_front(std::move(invocation));
}

void EnvironmentPool::kill() {
    for (const auto& environment : environments_) environment->kill();
}

bool EnvironmentPool::is_busy() const {
    return std::any_of(environments_.begin(), environments_.end(),
                       [](const auto& environment) { return environment->is_busy(); });
}

asio::awaitable<void> EnvironmentPool::wait_until_idle(
    std::chrono::steady_clock::time_point until) {
    while (is_busy() && std::chrono::steady_clock::now() < until) {
        co_await changed_.wait_until(until);
    }
}

asio::awaitable<void> EnvironmentPool::wait_until_empty(
    std::chrono::steady_clock::time_point until) {
    while (!environments_.empty() && std::chrono::steady_clock::now() < until) {
        co_await changed_.wait_until(until);
    }
}

asio::awaitable<void> EnvironmentPool::shut_down(std::chrono::milliseconds grace) {
    shutting_down_ = true;
    if (!queue_.empty()) {
        write_to_stderr(fmt::format("forklift: {} queued events were not run\n", queue_.size()));
        queue_.clear();
        queued_bytes_ = 0;
    }
    co_await wait_until_idle(std::chrono::steady_clock::now() + grace);
    for (const auto& environment : environments_) environment->terminate();
    co_await wait_until_empty(std::chrono::steady_clock::now() + end_limit);
    kill();
    co_await wait_until_empty(std::chrono::steady_clock::now() + kill_limit);
}

}  // namespace forklift::local
