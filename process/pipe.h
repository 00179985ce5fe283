#pragma once

#include <system_error>

#include "process/unique_fd.h"

namespace forklift::process {

/// A pipe whose ends close on exec. Our end does not block, and the child's does: a child does not
/// expect EAGAIN on its stdin or stdout.
struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};

/// Makes a pipe to read a child's output from. On failure `error` is set and both ends are empty.
Pipe make_output_pipe(std::error_code& error);

/// Makes a pipe to write a child's input to. On failure `error` is set and both ends are empty.
Pipe make_input_pipe(std::error_code& error);

/// Lets the pipe hold as much as the system gives it, up to a megabyte, which spares large messages
/// many turns. Where the system gives no more, the pipe serves as it is.
void widen(const UniqueFd& end);

}  // namespace forklift::process
