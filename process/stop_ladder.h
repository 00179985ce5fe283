#pragma once

#include <chrono>
#include <vector>

namespace forklift::process {

/// One rung of the ladder: a signal to the whole process group, and how long it may take to work.
struct StopStep {
    int signal = 0;
    std::chrono::milliseconds grace{0};
};

/// How a run is ended that must end: the steps in order, until the child is gone.
using StopLadder = std::vector<StopStep>;

}  // namespace forklift::process
