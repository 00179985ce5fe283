#pragma once

#include <filesystem>
#include <string>

namespace forklift::local {

/// The absolute path of the bootstrap to run: `chosen` when it is not empty, else the one beside
/// this program, or in ../lib/forklift or ../libexec/forklift from there. Throws UsageError, which
/// lists the places looked at, when there is none that can be executed.
std::filesystem::path find_bootstrap(const std::string& chosen);

/// The folder of the file that this process runs.
std::filesystem::path folder_of_this_program();

}  // namespace forklift::local
