#pragma once

#include "local/options.h"

namespace forklift::local {

/// `forklift conformance`: takes a worker through the worker protocol and reports as TAP on stdout.
/// Returns 0 when every check has passed, else 1; 128 and the signal's number when one ended it.
/// Nothing of the worker is left then.
int run_conformance(const ConformanceOptions& options);

}  // namespace forklift::local
