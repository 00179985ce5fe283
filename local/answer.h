#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "process/exit_status.h"

namespace forklift::local {

/// What the caller of a function gets.
struct Answer {
    /// The function's bytes, or the JSON of its error.
    std::string payload;
    std::string content_type = "application/json";
    /// Empty when the function succeeded; else the type that the platform's REPORT line names.
    std::string error_type;
    /// The end of the invocation's log, at most 4 KiB; empty unless it was asked for.
    std::string log_tail;

    bool is_error() const { return !error_type.empty(); }
};

/// An error in the platform's words: {"errorType":..,"errorMessage":..}.
Answer error_answer(std::string_view type, std::string_view message);

/// The process ended instead of answering: Runtime.ExitError.
Answer exit_error(std::string_view request_id, const process::ExitStatus& status);

/// The function's time was up: Sandbox.Timedout.
Answer timeout_error(std::string_view request_id, std::chrono::milliseconds timeout);

/// The answer was over the limit: Function.ResponseSizeTooLarge.
Answer too_large_error(std::uint64_t size);

/// "Task timed out after 3.00 seconds".
std::string timeout_text(std::chrono::milliseconds timeout);

/// How Lambda names the end of a runtime: "Runtime exited with error: exit status 1",
/// "Runtime exited with error: signal: killed", "Runtime exited without providing a reason".
std::string exit_text(const process::ExitStatus& status);

}  // namespace forklift::local
