#pragma once

#include <string>

#include "process/environment.h"
#include "supervisor/log_format.h"

namespace forklift::supervisor {

/// Everything that is decided once, from the environment and the command line.
struct Configuration {
    /// AWS_LAMBDA_RUNTIME_API; empty when it is not set.
    std::string runtime_api;
    /// The handler's name: the first argument, else _HANDLER.
    std::string handler;
    /// LAMBDA_TASK_ROOT, else the current folder.
    std::string task_root;
    std::string path;
    /// The folder `shims` beside this program.
    std::string shims;
    LogFormat log_format = LogFormat::text;
    LogLevel log_level = LogLevel::info;
};

/// What can be read without the chance of a mistake: where to report the mistakes, and how.
Configuration read_platform_variables(const process::Environment& environment,
                                      const std::string& handler_argument);

}  // namespace forklift::supervisor
