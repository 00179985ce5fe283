#pragma once

#include <string>
#include <vector>

#include "process/command.h"
#include "protocol/worker_message.h"

namespace forklift::local {

/// The command that starts a worker as bootstrap would: its program looked for on PATH, in this
/// folder, with Lambda's usual variables and FORKLIFT_WORKER. `argv` is not empty.
process::Command worker_command(const std::vector<std::string>& argv, protocol::Framing framing);

}  // namespace forklift::local
