#pragma once

#include <string>
#include <system_error>

namespace forklift::process {

/// Removes a folder and all that is in it, however deep: with three descriptors, and without
/// recursion. No link is followed. Folders that not even their owner may change are made to obey.
/// Returns why something could not be removed; what came before it is gone.
std::error_code remove_tree(const std::string& folder);

}  // namespace forklift::process
