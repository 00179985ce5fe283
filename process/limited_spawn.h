#pragma once

#include <sys/types.h>

#include <variant>
#include <vector>

#include "process/command.h"
#include "process/spawn.h"
#include "process/spawn_error.h"

namespace forklift::process {

/// Starts `command` as `spawn` does, and with its resource limits. posix_spawn(3) cannot set them;
/// prlimit(2) from outside would come after the program has begun, on ourselves it would hold us
/// to them, and a helper program that sets them would cost one more exec. So this is a vfork(2) of
/// our own, used only where limits are asked for: the child borrows our memory until it executes,
/// and leaves the step that failed where we can read it. `argv` and `environment` end with null.
std::variant<pid_t, SpawnError> spawn_with_limits(const Command& command, ChildStreams streams,
                                                  const std::vector<const char*>& argv,
                                                  const std::vector<const char*>& environment);

}  // namespace forklift::process
