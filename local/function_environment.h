#pragma once

#include <string_view>

#include "local/function.h"
#include "process/environment.h"

namespace forklift::local {

/// The environment variables that bootstrap starts with: this process's own, what Lambda sets on
/// top, and the function's own last. `api_address` is the Runtime API's host:port.
process::Environment function_environment(const Function& function, std::string_view api_address,
                                          std::string_view log_stream);

}  // namespace forklift::local
