#pragma once

#include "handlers/options.h"
#include "handlers/setting.h"

namespace forklift::handlers {

/// What is wrong between options that are right by themselves. What depends on the mode is looked
/// at when that is known.
Complaints check_together(const Options& options);

}  // namespace forklift::handlers
