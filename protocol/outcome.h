#pragma once

#include <string>
#include <variant>
#include <vector>

namespace forklift::protocol {

/// The function's answer.
struct Success {
    std::string content_type = "application/json";
    std::string body;
};

/// The function's failure, or ours.
struct Failure {
    /// "Function.ExitStatus", "Runtime.SpawnFailed", or a name of the function's own.
    std::string type;
    std::string message;
    /// One entry a line.
    std::vector<std::string> stack_trace;
    /// When not empty: the body of the error as the function wrote it.
    std::string document = {};
};

/// How one invocation is answered: exactly one of the two is posted.
using Outcome = std::variant<Success, Failure>;

}  // namespace forklift::protocol
