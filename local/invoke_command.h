#pragma once

#include "local/options.h"

namespace forklift::local {

/// `forklift invoke`: one event through the real bootstrap. The answer alone goes to stdout, byte
/// for byte, with a line end after it on a terminal, when nothing of the function is left. Returns
/// the exit status: 0, 1 when the function failed, 128 and the signal's number when a signal ended
/// it. Throws UsageError or std::runtime_error when it cannot start, and as `write_to_stdout` does.
int run_invoke(const InvokeOptions& options);

}  // namespace forklift::local
