#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "process/environment.h"
#include "supervisor/configuration.h"

/// An image whose entry point is bootstrap, on a host that is not Lambda: there is no Runtime API,
/// so the companion program, `forklift`, answers HTTP and starts bootstrap as Lambda would.
namespace forklift::supervisor {

/// The executable `forklift`: beside this program, where an installation has it, or on PATH. Where
/// there is none, the places that were looked at, in words.
std::variant<std::filesystem::path, std::string> find_forklift(const std::string& path_variable);

/// argv of `forklift serve` for the function, or what is wrong with a variable: PORT,
/// FORKLIFT_CONCURRENCY, and those of AWS's emulator, AWS_LAMBDA_FUNCTION_TIMEOUT, _MEMORY_SIZE and
/// _NAME. `own` is this program.
std::variant<std::vector<std::string>, std::string> server_arguments(
    const Configuration& configuration, const process::Environment& environment,
    const std::filesystem::path& own);

/// Becomes `forklift serve` (execve(2): the process, and with it who gets the signals, stays the
/// same). Returns only when that fails, with what is wrong.
std::string become_server(const std::filesystem::path& forklift, const Configuration& configuration,
                          const process::Environment& environment);

}  // namespace forklift::supervisor
