#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <vector>

#include "process/child.h"

namespace forklift::process {

/// One rung of the ladder: a signal to the whole process group (0 for none), and how long it may
/// take to work.
struct StopStep {
    int signal = 0;
    std::chrono::milliseconds grace{0};
};

/// How a child is ended that must end: the steps in order, until it is gone.
using StopLadder = std::vector<StopStep>;

/// A way up the ladder. After the last step the child is waited for no longer.
class LadderClimb {
  public:
    /// `child` must outlive the climb.
    LadderClimb(boost::asio::any_io_executor executor, Child& child)
        : child_(child), timer_(executor) {}

    /// Takes the first step; does nothing when it has been taken.
    void begin(StopLadder ladder);
    bool begun() const { return begun_; }

    /// The child has ended.
    void cancel() { timer_.cancel(); }

  private:
    void climb();

    Child& child_;
    boost::asio::steady_timer timer_;
    StopLadder ladder_;
    std::size_t step_ = 0;
    bool begun_ = false;
};

}  // namespace forklift::process
