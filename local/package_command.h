#pragma once

#include "local/options.h"

namespace forklift::local {

/// `forklift package`: makes the zip, says on stdout what it is, and on stderr what Lambda will
/// miss in it. Returns the exit status: 0, or 1 when something is wrong with the function, and then
/// no zip is made. Throws UsageError, and std::runtime_error when the zip cannot be written.
int run_package(const PackageOptions& options);

}  // namespace forklift::local
