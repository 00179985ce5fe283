#pragma once

#include <chrono>
#include <optional>

#include "handlers/options.h"
#include "process/coprocess.h"
#include "process/run.h"

namespace forklift::handlers {

/// How long a run may take, so that its error can still be posted before Lambda's deadline.
struct TimeBudget {
    /// Set when the deadline has passed already: there is nothing to start.
    bool spent = false;
    process::RunLimits limits;
    /// The margin in force: the one the options ask for, or half of what was left if that is less.
    std::chrono::milliseconds margin{0};
    /// The run ends by the option `timeout`, which comes before the deadline.
    bool by_timeout = false;
};

/// The budget of an invocation that begins now. Without a deadline it has no end.
TimeBudget time_budget(std::optional<std::chrono::system_clock::time_point> deadline,
                       const Options& options);

/// What of `budget` a run that begins now may use: the option `timeout`, if that is less.
TimeBudget for_one_run(TimeBudget budget, const Options& options);

/// How a program that stays is stopped while no event sets its time.
process::StopLadder stop_ladder(const Options& options);

/// What becomes of what such a program has started and let out of its process group.
process::Coprocess::Escaped escaped(const Options& options);

}  // namespace forklift::handlers
