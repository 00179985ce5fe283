#pragma once

#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include "process/environment.h"
#include "process/resource_limits.h"

namespace forklift::process {

/// What Linux takes of one argument, or of one variable with its name: MAX_ARG_STRLEN (execve(2)),
/// less the NUL at the end.
inline constexpr std::size_t max_argument_bytes = 131'071;

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
    /// What the program gets when this process ends, be it by SIGKILL. The kernel forgets it when a
    /// program that gains privileges is executed (prctl(2), PR_SET_PDEATHSIG), and what the program
    /// has started does not get it.
    int death_signal = SIGKILL;
};

}  // namespace forklift::process
