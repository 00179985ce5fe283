#pragma once

#include "local/options.h"

namespace forklift::local {

/// `forklift serve`: function URL and Invoke API until SIGINT, SIGTERM or SIGHUP, then an orderly
/// end: running events get a grace, and no process is left behind. A second signal ends everything
/// at once. Returns the exit status: 0, or 1 when the address cannot be had, after saying so on
/// stderr. Throws UsageError or std::runtime_error when it cannot start otherwise.
int run_serve(const ServeOptions& options);

}  // namespace forklift::local
