#pragma once

#include "handlers/options.h"
#include "handlers/time_budget.h"
#include "process/run.h"
#include "protocol/outcome.h"

namespace forklift::handlers {

/// What a finished run means for the invocation: the response, or the error that says what
/// happened.
protocol::Outcome judge(process::Run run, const Options& options, const TimeBudget& budget);

/// True when the program came to its own end, and the options count its exit status a success.
bool is_success(const process::Run& run, const Options& options);

/// The error of a program that could not be started.
protocol::Failure not_started(const process::SpawnError& error, const process::Command& command);

/// The error of an invocation whose time is up.
protocol::Failure out_of_time(std::string message, std::vector<std::string> stderr_tail);

/// When a run is stopped whose time is up, in words: "300 ms before Lambda's deadline".
std::string when_stopped(const Options& options, const TimeBudget& budget);

/// The error of an invocation that SIGTERM to the environment ended.
protocol::Failure terminated(std::vector<std::string> stderr_tail);

/// The error of an answer of `size` bytes, as far as it is known, over the limit of so many; in the
/// platform's words.
protocol::Failure too_large(std::uint64_t size, std::size_t limit,
                            std::vector<std::string> stderr_tail);

/// The error of an invocation for which memory or something else of the system ran out, which
/// `what` names.
protocol::Failure out_of_resources(std::string_view what, std::vector<std::string> stderr_tail);

/// The end of a program that stays: "ended with exit status 1", "was ended by signal 9 (SIGKILL)".
std::string how_it_ended(const process::ExitStatus& status);

/// What happened, and the last words of the program if it had any.
std::string with_last_words(std::string what, const std::vector<std::string>& stderr_tail);

}  // namespace forklift::handlers
