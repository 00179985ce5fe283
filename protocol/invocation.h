#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "protocol/headers.h"

namespace forklift::protocol {

/// One event to answer, as `GET /runtime/invocation/next` gave it.
struct Invocation {
    /// Lambda-Runtime-Aws-Request-Id: goes into the path of the answer.
    std::string id;
    /// Every header of the answer to /next.
    Headers headers;
    /// The event's bytes, as they came; they need not be JSON.
    std::string payload;
    /// Lambda-Runtime-Deadline-Ms; nothing when Lambda sent none or one that is not a number.
    std::optional<std::chrono::system_clock::time_point> deadline;
};

}  // namespace forklift::protocol
