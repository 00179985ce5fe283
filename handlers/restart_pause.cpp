#include "handlers/restart_pause.h"

#include <algorithm>

namespace forklift::handlers {

std::chrono::milliseconds RestartPause::next() {
    const int doublings = std::min(deaths_++, 10);
    const auto whole = std::min(shortest * (1 << doublings), longest).count();
    std::uniform_int_distribution<long> around(whole * 3 / 4, whole * 5 / 4);
    return std::chrono::milliseconds(around(random_));
}

}  // namespace forklift::handlers
