#pragma once

#include "local/options.h"

namespace forklift::local {

/// `forklift check`: becomes `bootstrap --check HANDLER` (execve(2)) in the folder and with the
/// environment that the function would get, so that streams and exit status are bootstrap's own.
/// Returns only when bootstrap cannot be executed, by throwing.
int run_check(const CheckOptions& options);

}  // namespace forklift::local
