#pragma once

#include <filesystem>
#include <string>

namespace forklift::local {

/// The absolute path of the bootstrap to run: `chosen` when it is not empty, else the one beside
/// this program, or in ../lib/forklift or ../libexec/forklift from there. Throws UsageError, which
/// lists the places looked at, when there is none that can be executed.
std::filesystem::path find_bootstrap(const std::string& chosen);

}  // namespace forklift::local
