#pragma once

#include <sys/types.h>

#include <cstddef>

namespace forklift::process {

/// Bytes of resident memory of one process (proc(5), statm); 0 when there is no such process, or
/// /proc cannot be read.
std::size_t resident_memory(pid_t pid);

}  // namespace forklift::process
