#pragma once

#include <poll.h>

#include <chrono>
#include <vector>

namespace forklift::bench {

using Clock = std::chrono::steady_clock;

/// Thrown out of a wait by SIGINT, SIGTERM or SIGHUP, so that everything started is ended on the
/// way out.
struct Interrupted {
    int signal = 0;
};

/// Holds those signals back but for the waits below. Call it once, before anything is started.
void hold_signals();

/// Returns when something happens on one of `descriptors`; throws Interrupted, or
/// std::runtime_error when nothing has happened until `give_up`.
void wait_for(std::vector<pollfd>& descriptors, Clock::time_point give_up);

/// Microseconds between two moments.
inline double microseconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::micro>(to - from).count();
}

}  // namespace forklift::bench
