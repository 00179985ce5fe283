#pragma once

#include <chrono>
#include <random>

namespace forklift::handlers {

/// How long to wait before a worker that died young is followed by another: longer each time, and
/// never twice the same, so that many environments do not start theirs together.
class RestartPause {
  public:
    static constexpr std::chrono::milliseconds shortest{100};
    static constexpr std::chrono::milliseconds longest{10'000};

    /// One that has lived so long is healthy, even without an event to prove it.
    static constexpr std::chrono::seconds healthy_age{10};

    /// Another one has died young: the pause before the next, three quarters to five quarters of a
    /// time that doubles from `shortest` to `longest`.
    std::chrono::milliseconds next();

    /// One has proved healthy.
    void reset() { deaths_ = 0; }

  private:
    int deaths_ = 0;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace forklift::handlers
