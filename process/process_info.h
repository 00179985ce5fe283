#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What /proc tells of any process (proc(5)). Where it is not mounted there is nothing to be had.
namespace forklift::process {

struct ProcessInfo {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t group = 0;
    /// When it began, in clock ticks since the machine did: with the pid it names one process of
    /// all that ever ran.
    std::uint64_t start = 0;
    /// It has ended and has not been reaped.
    bool is_zombie = false;
};

/// Nothing when there is no such process.
std::optional<ProcessInfo> process_info(pid_t pid);

std::vector<pid_t> all_processes();

/// Pids mean the same to that process and to this one. False where it cannot be seen.
bool shares_pid_namespace(pid_t pid);

/// The children of a process, zombies included; empty when it is gone. A child that comes or goes
/// meanwhile may or may not be among them.
std::vector<pid_t> children_of(pid_t pid);

/// argv with spaces between, shortened to `max_bytes` and without control characters; the name in
/// brackets of a process that has none; empty when there is no such process.
std::string command_line(pid_t pid, std::size_t max_bytes = 200);

/// The value of a variable in the environment with which the process began; nothing when it had
/// none, when it is somebody else's, or when it has written over that memory, as programs do that
/// set their title.
std::optional<std::string> initial_variable(pid_t pid, const std::string& name);

}  // namespace forklift::process
