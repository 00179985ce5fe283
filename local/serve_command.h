#pragma once

#include "local/options.h"

namespace forklift::local {

/// `forklift serve`: the Invoke API until SIGINT, SIGTERM or SIGHUP, then an orderly end that
/// leaves no process behind; a second signal ends everything at once. Returns the exit status.
/// Throws UsageError or std::runtime_error when it cannot start.
int run_serve(const ServeOptions& options);

}  // namespace forklift::local
