#pragma once

#include <string>
#include <vector>

#include "process/environment.h"
#include "process/resource_limits.h"

namespace forklift::process {

/// What to execute. No shell takes part: each argument reaches the program as it stands.
struct Command {
    /// Path of the file to execute; it is not looked for on PATH.
    std::string program;
    /// The whole argv, argv[0] included. Empty stands for {program}.
    std::vector<std::string> argv;
    Environment environment;
    /// The folder to start in; empty for this process's own.
    std::string directory;
    ResourceLimits limits = {};
};

}  // namespace forklift::process
