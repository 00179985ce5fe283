#pragma once

#include <sys/types.h>

#include <variant>

#include "process/resource_limits.h"
#include "process/spawn.h"
#include "process/spawn_error.h"

namespace forklift::process {

/// What a child becomes. All of it is the caller's, and lives until the start is over.
struct ChildPlan {
    const char* program = nullptr;
    /// Both end with null.
    const char* const* argv = nullptr;
    const char* const* environment = nullptr;
    /// Empty for this process's own.
    const char* directory = "";
    ChildStreams streams;
    ResourceLimits limits;
    /// What the child gets when this process ends, however that comes about (prctl(2),
    /// PR_SET_PDEATHSIG); 0 for nothing.
    int death_signal = 0;
};

/// Starts a child by vfork(2): it borrows our memory until it executes, and leaves the step that
/// failed where we can read it, so that an error costs no pipe. posix_spawn(3) does the same, but
/// can set neither resource limits nor the signal for the parent's death; from outside both would
/// come after the program has begun. The child has a process group of its own, an empty signal
/// mask, every signal at its default and no descriptor but the three streams.
std::variant<pid_t, SpawnError> start_by_vfork(const ChildPlan& plan);

}  // namespace forklift::process
