#include "handlers/verdict.h"

#include <fmt/format.h>

#include "handlers/output.h"
#include "protocol/json_value.h"

namespace forklift::handlers {

namespace {

using protocol::Failure;
using protocol::Outcome;

Failure failed_with_status(int status, process::Run run, const Options& options) {
    Failure failure{"Function.ExitStatus",
                    with_last_words(fmt::format("exit status {}", status), run.stderr_tail),
                    std::move(run.stderr_tail)};
    if (const auto named = options.exit_errors.find(status); named != options.exit_errors.end()) {
        failure.type = named->second;
    }
    // What the program itself says of its failure goes before what we know of it.
    if (const auto words = protocol::JsonValue::parse(run.output)) {
        if (auto type = words->text_of("errorType")) failure.type = std::move(*type);
        if (auto message = words->text_of("errorMessage")) failure.message = std::move(*message);
    }
    return failure;
}

}  // namespace

std::string how_it_ended(const process::ExitStatus& status) {
    const bool exited = std::holds_alternative<process::Exited>(status);
    return fmt::format("{} {}", exited ? "ended with" : "was ended by", process::describe(status));
}

std::string with_last_words(std::string what, const std::vector<std::string>& stderr_tail) {
    if (stderr_tail.empty() || stderr_tail.back().empty()) return what;
    return what + ": " + stderr_tail.back();
}

Failure too_large(std::uint64_t size, std::size_t limit, std::vector<std::string> stderr_tail) {
    return {"Function.ResponseSizeTooLarge",
            fmt::format("Response payload size ({} bytes) exceeded maximum allowed payload size "
                        "({} bytes).",
                        size, limit),
            std::move(stderr_tail)};
}

Failure out_of_resources(std::string_view what, std::vector<std::string> stderr_tail) {
    return {"Runtime.OutOfResources",
            fmt::format("the answer could not be kept, and the program was killed: {}", what),
            std::move(stderr_tail)};
}

Failure terminated(std::vector<std::string> stderr_tail) {
    return {"Runtime.Terminated", "the environment was told to end while the program ran",
            std::move(stderr_tail)};
}

std::string when_stopped(const Options& options, const TimeBudget& budget) {
    if (budget.by_timeout) return fmt::format("after {} ms, its timeout,", options.timeout.count());
    return fmt::format("{} ms before Lambda's deadline", budget.margin.count());
}

Failure out_of_time(std::string message, std::vector<std::string> stderr_tail) {
    return {"Function.Timeout", std::move(message), std::move(stderr_tail)};
}

Failure not_started(const process::SpawnError& error, const process::Command& command) {
    return {"Runtime.SpawnFailed", process::describe(error, command), {}};
}

bool is_success(const process::Run& run, const Options& options) {
    const auto* exited = std::get_if<process::Exited>(&run.status);
    const bool ended_by_itself =
        !run.too_much_output && run.exhausted.empty() && !run.timed_out && !run.stopped;
    return ended_by_itself && exited && options.success_codes.contains(exited->code);
}

Outcome judge(process::Run run, const Options& options, const TimeBudget& budget) {
    if (!run.exhausted.empty()) return out_of_resources(run.exhausted, std::move(run.stderr_tail));
    if (run.too_much_output)
        return too_large(run.output_size, options.max_output, std::move(run.stderr_tail));
    if (run.timed_out) {
        return out_of_time(
            fmt::format("the program was still running {} and was stopped ({})",
                        when_stopped(options, budget), process::describe(run.status)),
            std::move(run.stderr_tail));
    }
    if (run.stopped) return terminated(std::move(run.stderr_tail));
    if (is_success(run, options)) return to_response(std::move(run.output), options);
    if (const auto* exited = std::get_if<process::Exited>(&run.status)) {
        return failed_with_status(exited->code, std::move(run), options);
    }
    const int signal = std::get<process::Signaled>(run.status).number;
    const auto named = options.signal_errors.find(signal);
    return Failure{named == options.signal_errors.end() ? "Function.Signal" : named->second,
                   with_last_words("ended by " + process::describe(run.status), run.stderr_tail),
                   std::move(run.stderr_tail)};
}

}  // namespace forklift::handlers
