#include "handlers/job.h"

#include <fmt/format.h>

#include <filesystem>

#include "handlers/verdict.h"
#include "process/file.h"

namespace forklift::handlers {

namespace asio = boost::asio;
using protocol::Failure;

namespace {

/// How long SIGKILL may take to empty a process group before the next event goes first.
constexpr std::chrono::milliseconds empty_limit{200};

Failure scratch_failed(std::string_view what, const std::error_code& error) {
    return {"Runtime.ScratchFailed", fmt::format("could not {}: {}", what, error.message()), {}};
}

}  // namespace

asio::awaitable<protocol::Outcome> Job::run(Event& event, process::Environment environment,
                                            TimeBudget budget) {
    auto input = recipe_.input().select(event);
    if (auto* failure = std::get_if<Failure>(&input)) co_return std::move(*failure);
    std::string_view bytes = std::get<Bytes>(input).view();
    if (recipe_.needs_scratch()) {
        if (auto failure = make_scratch(environment)) co_return std::move(*failure);
    }
    auto made = recipe_.command(event, files_);
    if (auto* failure = std::get_if<Failure>(&made)) co_return std::move(*failure);
    if (recipe_.reads_input_file()) {
        const auto error = process::write_file(files_.input, std::exchange(bytes, {}));
        if (error) co_return scratch_failed("write " + files_.input, error);
    }
    auto& command = std::get<process::Command>(made);
    command.environment = std::move(environment);
    budget.limits.keep_background = recipe_.options().keep_background;
    auto result =
        co_await process::run(reaper_, command, bytes, budget.limits, journal_, stop_switch_);
    if (const auto* error = std::get_if<process::SpawnError>(&result)) {
        co_return not_started(*error, command);
    }
    co_return finish(std::move(std::get<process::Run>(result)), budget);
}

std::optional<Failure> Job::make_scratch(process::Environment& environment) {
    std::error_code error;
    scratch_.reset();
    auto scratch = process::ScratchDirectory::make(error);
    if (!scratch) return scratch_failed("make a scratch directory", error);
    scratch_.emplace(std::move(*scratch));
    files_ = recipe_.files_in(scratch_->path());
    environment.set("TMPDIR", scratch_->path());
    return std::nullopt;
}

protocol::Outcome Job::finish(process::Run run, const TimeBudget& budget) {
    last_group_ = run.group;
    last_mark_ = run.mark;
    if (recipe_.writes_output_file() && is_success(run, recipe_.options())) {
        // What such a program says on stdout is no answer, but may be worth reading.
        journal_.write(run.output);
        if (auto failure = read_output_file(run)) return std::move(*failure);
    }
    return judge(std::move(run), recipe_.options(), budget);
}

std::optional<Failure> Job::read_output_file(process::Run& run) {
    std::error_code error;
    const std::size_t most = recipe_.options().max_output;
    run.output = process::read_plain_file(files_.output, most, error);
    if (error) {
        return Failure{"Function.InvalidOutput",
                       fmt::format("the program ended with {}, but {{output_file}} cannot be read: "
                                   "{}",
                                   process::describe(run.status), error.message()),
                       std::move(run.stderr_tail)};
    }
    run.output_size = run.output.size();
    run.too_much_output = run.output_size > most;
    if (run.too_much_output) {
        const auto whole = std::filesystem::file_size(files_.output, error);
        if (!error) run.output_size = whole;
    }
    return std::nullopt;
}

asio::awaitable<bool> Job::end_leftovers() {
    bool is_clear = true;
    if (last_group_ != 0) {
        const pid_t group = std::exchange(last_group_, 0);
        is_clear = co_await reaper_.empty_group(group, empty_limit);
    }
    const auto mark = std::exchange(last_mark_, std::nullopt);
    if (mark && !recipe_.options().keep_background) {
        const bool has_ended = co_await reaper_.end_orphans_of(*mark, empty_limit);
        is_clear = is_clear && has_ended;
    }
    co_return is_clear;
}

asio::awaitable<void> Job::settle() {
    const bool is_clear = co_await end_leftovers();
    if (!is_clear) journal_.warn("processes that the program left behind do not end on SIGKILL");
    reaper_.reap_orphans();
    remove_scratch();
}

/// What cannot be removed now, for want of descriptors it may be, is tried again after each event.
void Job::remove_scratch() {
    unremoved_.remove_if([](process::ScratchDirectory& one) { return !one.remove(); });
    if (!scratch_) return;
    if (const auto error = scratch_->remove()) {
        journal_.warn(fmt::format("the scratch directory {} could not be removed yet: {}",
                                  scratch_->path(), error.message()));
        unremoved_.push_back(std::move(*scratch_));
    }
    scratch_.reset();
}

}  // namespace forklift::handlers
