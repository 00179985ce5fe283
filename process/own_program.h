#pragma once

#include <filesystem>

namespace forklift::process {

/// The file that this process runs, absolute and without symbolic links. Where /proc is not
/// mounted, it is found by the name with which the process was started. Empty when neither tells;
/// to be asked before the current folder changes.
std::filesystem::path own_program();

/// The same file by the name with which the process was started, which may be a symbolic link
/// (getauxval(3), AT_EXECFN); absolute, or empty.
std::filesystem::path own_program_as_called();

}  // namespace forklift::process
