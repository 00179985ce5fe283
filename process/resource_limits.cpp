#include "process/resource_limits.h"

namespace forklift::process {

std::vector<std::pair<int, rlimit>> to_rlimits(const ResourceLimits& limits) {
    std::vector<std::pair<int, rlimit>> result;
    if (limits.memory) result.push_back({RLIMIT_AS, {*limits.memory, *limits.memory}});
    if (limits.cpu) result.push_back({RLIMIT_CPU, {*limits.cpu, *limits.cpu + 1}});
    if (limits.files) result.push_back({RLIMIT_NOFILE, {*limits.files, *limits.files}});
    if (limits.processes) result.push_back({RLIMIT_NPROC, {*limits.processes, *limits.processes}});
    return result;
}

}  // namespace forklift::process
