#pragma once

#include <csignal>
#include <optional>

#include "process/unique_fd.h"

namespace forklift::local {

/// SIGINT, SIGTERM and SIGHUP as something to poll for, instead of the end of this program.
class StopSignals {
  public:
    /// Blocks the three; throws std::system_error when there are no descriptors left.
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    /// Readable when one has come.
    int fd() const { return fd_.get(); }

    /// The signal that has come, or nothing.
    std::optional<int> take();

  private:
    sigset_t before_{};
    process::UniqueFd fd_;
};

/// A signal told this program to end.
struct Interrupted {
    int signal = 0;
};

}  // namespace forklift::local
