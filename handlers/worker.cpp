#include "handlers/worker.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "handlers/verdict.h"
#include "handlers/worker_verdict.h"
#include "process/exception_text.h"

namespace forklift::handlers {

namespace asio = boost::asio;
using conversation::End;
using process::StopLadder;
using protocol::Failure;
using protocol::Outcome;

namespace {

/// How long an event may take that Lambda has handed out already.
constexpr std::chrono::milliseconds event_grace{100};

process::Command worker_command(const Recipe& recipe) {
    Event none("");
    auto command = std::get<process::Command>(recipe.command(none, {}));
    command.environment = recipe.environment();
    command.environment.set(protocol::worker_variable,
                            protocol::worker_greeting(*recipe.options().framing));
    return command;
}

/// For a worker that keeps to the protocol: end of file, and time to finish in its own way.
StopLadder gentle(const Options& options) {
    StopLadder ladder = stop_ladder(options);
    ladder.insert(ladder.begin(), {0, options.stop_grace});
    return ladder;
}

/// A coroutine's parameters live as long as it does.
asio::awaitable<void> bury(std::shared_ptr<WorkerProcess> worker, StopLadder ladder) {
    co_await worker->end(std::move(ladder));
}

}  // namespace

Worker::Worker(asio::any_io_executor executor, process::Reaper& reaper, Journal& journal,
               const Recipe& recipe, std::function<void(Failure)> hopeless)
    : executor_(executor),
      reaper_(reaper),
      journal_(journal),
      recipe_(recipe),
      hopeless_(std::move(hopeless)),
      command_(worker_command(recipe)),
      lifetime_(recipe.options()),
      pause_(executor),
      background_done_(executor, asio::steady_timer::time_point::max()) {}

asio::awaitable<std::optional<Failure>> Worker::start() {
    if (auto failure = co_await provide()) co_return failure;
    if (!recipe_.options().wait_ready.value_or(false)) co_return std::nullopt;
    const Process worker = current_;
    const auto end = co_await worker->ready();
    if (!end || stopping_) co_return std::nullopt;
    co_return std::get<Failure>(judged(*end, *worker, {}));
}

std::variant<Worker::Process, Failure> Worker::launch() {
    const Options& options = recipe_.options();
    const WorkerProcess::Terms terms{*options.framing, options.max_output,
                                     options.wait_ready.value_or(false), escaped(options)};
    try {
        auto started = WorkerProcess::start(executor_, reaper_, command_, journal_, terms,
                                            [this] { idle_trouble(); });
        if (const auto* error = std::get_if<process::SpawnError>(&started))
            return not_started(*error, command_);
        return std::get<Process>(std::move(started));
    } catch (const std::exception& error) {
        return Failure{"Runtime.OutOfResources",
                       fmt::format("could not start the worker: {}", error.what()),
                       {}};
    }
}

/// Sees to it that `current_` can take an event.
asio::awaitable<std::optional<Failure>> Worker::provide() {
    // While one is looked into, a successor may come up.
    while (current_) {
        if (current_->usable()) co_return std::nullopt;
        const Process before = std::move(current_);
        note_trouble(co_await before->trouble(), *before);
        retire(before, stop_ladder(recipe_.options()));
    }
    pause_.cancel();
    if (successor_ && successor_->usable()) {
        current_ = std::move(successor_);
        co_return std::nullopt;
    }
    auto launched = launch();
    if (auto* failure = std::get_if<Failure>(&launched)) co_return std::move(*failure);
    current_ = std::get<Process>(std::move(launched));
    co_return std::nullopt;
}

asio::awaitable<Outcome> Worker::run(const protocol::Invocation& invocation) {
    had_event_ = true;
    if (stopping_) co_return terminated({});
    const Options& options = recipe_.options();
    const TimeBudget budget = for_one_run(time_budget(invocation.deadline, options), options);
    if (budget.spent)
        co_return out_of_time("Lambda's deadline had passed before the event came", {});
    busy_ = true;
    Outcome outcome = co_await put(invocation, budget);
    busy_ = false;
    co_return outcome;
}

bool Worker::settles_at_once() const {
    return current_ && current_->sound() && lifetime_.has_no_end();
}

asio::awaitable<Outcome> Worker::put(const protocol::Invocation& invocation,
                                     const TimeBudget& budget) {
    for (bool again = false;; again = true) {
        auto request = protocol::worker_request(*recipe_.options().framing, invocation);
        if (auto* failure = std::get_if<Failure>(&request)) co_return std::move(*failure);
        if (auto failure = co_await provide()) co_return std::move(*failure);
        if (stopping_) co_return terminated({});
        const Process worker = current_;
        const bool proved = worker->has_lived();
        End end = co_await worker->answer(std::get<std::string>(std::move(request)), invocation.id,
                                          budget.limits.stop_at, budget.limits.ladder);
        const auto* gone = std::get_if<conversation::Gone>(&end);
        // One that dies before it reads anything every time would be tried for ever.
        const bool can_follow = gone && gone->not_begun && proved && !again;
        if (!can_follow) co_return judged(std::move(end), *worker, budget);
    }
}

Outcome Worker::judged(End end, const WorkerProcess& worker, const TimeBudget& budget) const {
    return judge(std::move(end), worker.last_lines(), recipe_.options(), budget);
}

void Worker::note_trouble(const End& end, const WorkerProcess& worker) {
    const Outcome outcome = judged(end, worker, {});
    if (const auto* failure = std::get_if<Failure>(&outcome))
        journal_.warn(fmt::format("{} while it was idle ({})", failure->message, failure->type));
}

asio::awaitable<void> Worker::settle() {
    // An exception may have kept `run` from saying so.
    busy_ = false;
    if (stopping_ || !current_) co_return;
    if (current_->sound()) {
        recycle();
    } else {
        const Process before = std::move(current_);
        follow(*before);
        if (before->ended())
            co_await before->end({});
        else
            retire(before, stop_ladder(recipe_.options()));
    }
    reaper_.reap_orphans();
}

void Worker::follow(const WorkerProcess& before) {
    const bool healthy = before.answered() > 0 || before.age() >= RestartPause::healthy_age;
    if (healthy) pauses_.reset();
    if (healthy || successor_)
        follow_now();
    else
        follow_later();
}

void Worker::follow_now() {
    if (stopping_ || current_) return;
    if (successor_) {
        current_ = std::move(successor_);
        return;
    }
    auto launched = launch();
    if (const auto* failure = std::get_if<Failure>(&launched)) {
        journal_.warn(fmt::format("{}: {}", failure->type, failure->message));
        follow_later();
    } else {
        current_ = std::get<Process>(std::move(launched));
    }
}

void Worker::follow_later() {
    const auto pause = pauses_.next();
    journal_.note(
        fmt::format("the next worker starts in {} ms, or with the next event", pause.count()));
    pause_.expires_after(pause);
    pause_.async_wait([this](boost::system::error_code error) {
        if (!error) follow_now();
    });
}

/// Replaces a worker that has served its time, and prepares for the end of one that soon will have.
void Worker::recycle() {
    if (const auto reason = lifetime_.over(*current_)) {
        journal_.note(fmt::format("another worker follows this one: {}", *reason));
        retire(std::move(current_), gentle(recipe_.options()));
        lifetime_.draw();
        follow_now();
    } else if (lifetime_.last_event_is_next(*current_) && !successor_) {
        auto launched = launch();
        if (auto* started = std::get_if<Process>(&launched)) successor_ = std::move(*started);
    }
}

void Worker::idle_trouble() {
    if (successor_ && !successor_->usable()) in_background(replace_idle(std::move(successor_)));
    if (busy_ || !current_ || current_->usable()) return;
    in_background(replace_idle(std::move(current_)));
}

asio::awaitable<void> Worker::replace_idle(Process worker) {
    End end = co_await worker->trouble();
    if (!had_event_ && !stopping_) {
        // The first event may be on its way, and then this is its error: Lambda takes no other.
        asio::steady_timer event_may_come(executor_, event_grace);
        co_await event_may_come.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    if (!had_event_ && !worker->has_lived() && !stopping_) {
        stopping_ = true;
        hopeless_(std::get<Failure>(judged(std::move(end), *worker, {})));
    } else if (!stopping_) {
        note_trouble(end, *worker);
        if (!current_) follow(*worker);
    }
    co_await worker->end(stop_ladder(recipe_.options()));
}

void Worker::in_background(asio::awaitable<void> work) {
    ++background_;
    asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr exception) {
        if (--background_ == 0) background_done_.cancel();
        // The next event finds out how things are.
        if (exception) journal_.warn("a worker could not be seen to: " + process::what(exception));
    });
}

void Worker::retire(Process worker, StopLadder ladder) {
    in_background(bury(std::move(worker), std::move(ladder)));
}

void Worker::stop() {
    stopping_ = true;
    pause_.cancel();
    if (current_) current_->call_off();
}

asio::awaitable<void> Worker::end() {
    stopping_ = true;
    pause_.cancel();
    for (Process* worker : {&current_, &successor_}) {
        if (*worker) retire(std::move(*worker), stop_ladder(recipe_.options()));
    }
    while (background_ > 0)
        co_await background_done_.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace forklift::handlers
