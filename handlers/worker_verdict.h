#pragma once

#include <string>
#include <vector>

#include "handlers/options.h"
#include "handlers/time_budget.h"
#include "handlers/worker_process.h"
#include "protocol/outcome.h"

namespace forklift::handlers {

/// What the end of a conversation means for its event. `last_lines` are of the worker's stderr.
protocol::Outcome judge(conversation::End end, std::vector<std::string> last_lines,
                        const Options& options, const TimeBudget& budget);

}  // namespace forklift::handlers
