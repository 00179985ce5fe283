#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
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
    LadderClimb(const LadderClimb&) = delete;
    LadderClimb& operator=(const LadderClimb&) = delete;
    ~LadderClimb() { cancel(); }

    /// Takes the first step; does nothing when it has been taken.
    void begin(StopLadder ladder);
    bool begun() const { return begun_; }

    /// The child has ended.
    void cancel() {
        *over_ = true;
        timer_.cancel();
    }

  private:
    void climb();

    Child& child_;
    boost::asio::steady_timer timer_;
    StopLadder ladder_;
    std::size_t step_ = 0;
    bool begun_ = false;
    /// A timer whose time has come in the turn of the loop in which it is cancelled, or destroyed,
    /// calls all the same.
    std::shared_ptr<bool> over_ = std::make_shared<bool>(false);
};

}  // namespace forklift::process
