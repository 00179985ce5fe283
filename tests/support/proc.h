#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

/// What /proc tells about programs under test.
namespace forklift::test {

struct ProcessInfo {
    pid_t pid = 0;
    pid_t parent = 0;
    /// 'R', 'S', 'Z' and so on, as proc(5) has them.
    char state = '?';
    std::string name;
};

std::vector<ProcessInfo> children_of(pid_t pid);

/// The children, their children and so on.
std::vector<ProcessInfo> descendants_of(pid_t pid);

/// How many of the children have ended without being reaped.
int zombies_of(pid_t pid);

int open_descriptors_of(pid_t pid);

/// Resident memory in KiB.
long resident_kib_of(pid_t pid);

/// Address space in KiB.
long virtual_kib_of(pid_t pid);

/// The most memory that was ever resident, in KiB.
long peak_resident_kib_of(pid_t pid);

/// False when there is no such process, or only its zombie.
bool is_alive(pid_t pid);

}  // namespace forklift::test
