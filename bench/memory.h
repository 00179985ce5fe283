#pragma once

#include <sys/types.h>

namespace forklift::bench {

/// What a process and all that it has started have in memory, in MiB. Pages that several of them
/// share count for each.
double resident_mib(pid_t process);

}  // namespace forklift::bench
