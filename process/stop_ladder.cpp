#include "process/stop_ladder.h"

namespace forklift::process {

void LadderClimb::begin(StopLadder ladder) {
    if (begun_) return;
    begun_ = true;
    ladder_ = std::move(ladder);
    climb();
}

void LadderClimb::climb() {
    if (step_ == ladder_.size()) {
        child_.stop_waiting();
        return;
    }
    const StopStep step = ladder_[step_++];
    if (step.signal != 0) child_.signal_group(step.signal);
    timer_.expires_after(step.grace);
    timer_.async_wait([this, over = over_](boost::system::error_code error) {
        if (!error && !*over) climb();
    });
}

}  // namespace forklift::process
