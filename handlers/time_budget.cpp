#include "handlers/time_budget.h"

#include <algorithm>
#include <csignal>

namespace forklift::handlers {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

/// What SIGKILL may take to work.
constexpr milliseconds kill_grace{100};

}  // namespace

TimeBudget time_budget(std::optional<std::chrono::system_clock::time_point> deadline,
                       const Options& options) {
    TimeBudget budget;
    budget.limits.max_output = options.max_output;
    budget.margin = options.stop_margin;
    if (deadline) {
        const auto left = duration_cast<milliseconds>(*deadline - std::chrono::system_clock::now());
        if (left <= milliseconds(0)) {
            budget.spent = true;
            return budget;
        }
        budget.margin = std::min(options.stop_margin, left / 2);
        budget.limits.stop_at = std::chrono::steady_clock::now() + left - budget.margin;
    }
    // A third of the margin stays for SIGKILL to work and for the error to be posted.
    const milliseconds grace = std::min(options.stop_grace, budget.margin * 2 / 3);
    budget.limits.ladder = {{SIGTERM, grace},
                            {SIGKILL, std::max(milliseconds(1), (budget.margin - grace) / 2)}};
    return budget;
}

process::StopLadder stop_ladder(const Options& options) {
    return {{SIGTERM, options.stop_grace}, {SIGKILL, kill_grace}};
}

process::Coprocess::Escaped escaped(const Options& options) {
    using Escaped = process::Coprocess::Escaped;
    return options.keep_background ? Escaped::kept : Escaped::ended;
}

TimeBudget for_one_run(TimeBudget budget, const Options& options) {
    const auto timeout_at = std::chrono::steady_clock::now() + options.timeout;
    if (options.timeout == milliseconds(0) || timeout_at >= budget.limits.stop_at) return budget;
    budget.limits.stop_at = timeout_at;
    budget.by_timeout = true;
    return budget;
}

}  // namespace forklift::handlers
