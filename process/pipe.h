#pragma once

#include <system_error>

#include "process/unique_fd.h"

namespace forklift::process {

/// A pipe whose ends close on exec. The read end does not block, and the write end does: it is the
/// child's, and a child does not expect EAGAIN on its stdout.
struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};

/// Makes a pipe to read a child's output from. On failure `error` is set and both ends are empty.
Pipe make_output_pipe(std::error_code& error);

}  // namespace forklift::process
