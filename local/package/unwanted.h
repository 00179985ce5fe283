#pragma once

#include "local/package/content.h"
#include "local/package/findings.h"

namespace forklift::package {

/// Warns of files that look as if they should not be in the zip: secrets, which everybody could
/// read who may read the function's code, and what only tools of development need.
void check_unwanted(const Content& content, Findings& findings);

}  // namespace forklift::package
