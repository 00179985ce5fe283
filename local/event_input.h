#pragma once

#include <string>

namespace forklift::local {

/// The event that EVENT on the command line stands for: itself, the content of the file of @FILE,
/// or what stands on stdin for "-". A file may be a pipe on purpose, and is read to its end. Throws
/// UsageError when it cannot be read, or is larger than Lambda takes, of which no more is read.
std::string read_event(const std::string& event);

}  // namespace forklift::local
