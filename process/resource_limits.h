#pragma once

#include <sys/resource.h>

#include <optional>
#include <utility>
#include <vector>

namespace forklift::process {

/// What a child and each of its descendants may use, as resource limits of the kernel
/// (setrlimit(2)). Nothing set means that the child inherits ours.
struct ResourceLimits {
    /// Bytes of address space, RLIMIT_AS.
    std::optional<rlim_t> memory;
    /// Seconds of CPU time, RLIMIT_CPU: SIGXCPU, and SIGKILL a second later.
    std::optional<rlim_t> cpu;
    /// Open files, RLIMIT_NOFILE.
    std::optional<rlim_t> files;
    /// Processes of the same user, RLIMIT_NPROC; the kernel does not hold root to it.
    std::optional<rlim_t> processes;

    bool any() const { return memory || cpu || files || processes; }
    bool operator==(const ResourceLimits&) const = default;
};

/// The limits as setrlimit(2) takes them.
std::vector<std::pair<int, rlimit>> to_rlimits(const ResourceLimits& limits);

}  // namespace forklift::process
