#pragma once

#include <memory>
#include <string>

namespace forklift::local {

/// One invocation, as its caller asked for it. An empty text stands for a header that is absent.
struct Invocation {
    std::string request_id;
    std::string function_arn;
    /// The version that runs: a number, or $LATEST.
    std::string version = "$LATEST";
    std::string trace_id;
    /// JSON on one line, no longer base64.
    std::string client_context;
    std::string cognito_identity;
    std::string tenant_id;
    /// The event's bytes. Lambda demands JSON; here whatever comes is passed on, so that one can
    /// see what a program does with it. Never null.
    std::shared_ptr<const std::string> payload;
    /// The caller wants the tail of the log with the answer.
    bool wants_log = false;
};

}  // namespace forklift::local
