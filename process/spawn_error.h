#pragma once

#include <string>

#include "process/command.h"

namespace forklift::process {

/// The steps of a start, in their order.
enum class SpawnStage { streams, directory, fork, limits, execute };

/// Why a program could not be started: the step that failed and its errno.
struct SpawnError {
    SpawnStage stage = SpawnStage::execute;
    int error = 0;
};

/// The error in words for whoever has to mend it, e.g. "execute /var/task/a.sh: No such file or
/// directory (errno 2, ENOENT): its interpreter /usr/bin/nope does not exist".
std::string describe(const SpawnError& error, const Command& command);

}  // namespace forklift::process
