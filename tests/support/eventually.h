#pragma once

#include <chrono>
#include <thread>

namespace forklift::test {

/// True as soon as `condition` is, for what can only be looked at and not waited for, such as
/// /proc; false when it never is within `limit`.
template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace forklift::test
