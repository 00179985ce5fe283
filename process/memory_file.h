#pragma once

#include <string_view>
#include <system_error>

#include "process/unique_fd.h"

namespace forklift::process {

/// Puts `bytes` into a sealed memory file (memfd_create(2)) that stands at its beginning, to be a
/// child's stdin. Unlike a pipe it needs nobody to keep writing, whatever its size and whether or
/// not the child reads it, and nobody can change it. On failure `error` is set and the result
/// empty.
UniqueFd make_memory_file(std::string_view bytes, std::error_code& error);

}  // namespace forklift::process
