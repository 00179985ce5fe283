#pragma once

#include <string_view>
#include <variant>

#include "local/function_name.h"
#include "local/http_message.h"

namespace forklift::local {

/// A path at which Lambda's API runs a function.
struct FunctionPath {
    FunctionName function;
    /// The elder InvokeAsync, not Invoke.
    bool is_invoke_async = false;
};

/// Every path that is not of Lambda's API: the function's own.
struct OwnPath {};

/// Tells where a request leads to. What belongs to Lambda's API and cannot run a function gets the
/// reply that says why: a name that is none, an operation that is not here, a method or a path that
/// the API does not have.
std::variant<OwnPath, FunctionPath, HttpReply> read_api_path(std::string_view method,
                                                             std::string_view target);

}  // namespace forklift::local
