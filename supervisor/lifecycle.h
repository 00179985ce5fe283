#pragma once

#include "supervisor/configuration.h"

namespace forklift::supervisor {

/// The life of one execution environment: finds the handler, serves events until the environment is
/// told to end (SIGTERM, SIGINT) or Lambda is gone. An error before the first event goes to
/// /init/error. Returns the exit status: 0 when told to end, else 1. SIGHUP, unless it is ignored,
/// ends at once whatever runs, without an answer.
int run_environment(Configuration configuration);

}  // namespace forklift::supervisor
