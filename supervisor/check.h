#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "supervisor/configuration.h"

namespace forklift::supervisor {

/// Prints what would answer and how, or everything that is wrong, without talking to Lambda.
/// Returns the exit status: 0 when the handler can run, else 1.
int check(const Configuration& configuration);

/// Prints the report of `plan_report`, with a line end. Returns the exit status, 0 whatever it
/// says.
int report_plans(const Configuration& configuration, const std::vector<std::string>& handlers);

/// Prints every option there is, as "text", "markdown", "man" or "schema". Returns the exit status.
int list_options(std::string_view format);

}  // namespace forklift::supervisor
