#pragma once

#include <filesystem>
#include <string>

namespace forklift::local {

/// The name of the one handler in a folder's forklift.json. Throws UsageError when there are
/// several, which it names, or none, and when the file is no regular file, larger than 1 MiB, or
/// cannot be read.
std::string only_handler(const std::filesystem::path& folder);

}  // namespace forklift::local
