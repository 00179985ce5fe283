#pragma once

#include <optional>
#include <random>
#include <string>

#include "handlers/options.h"
#include "handlers/worker_process.h"

namespace forklift::handlers {

/// When a worker that is well has served long enough, by the options max_requests, max_age and
/// max_rss.
class WorkerLifetime {
  public:
    explicit WorkerLifetime(const Options& options) : options_(options) { draw(); }

    /// No worker is ever replaced while it is well.
    bool has_no_end() const {
        return requests_ == 0 && options_.max_age.count() == 0 && options_.max_rss == 0;
    }

    /// Why `worker` is to be replaced now, in words; nothing when it may go on.
    std::optional<std::string> over(const WorkerProcess& worker) const;

    /// Its next event is its last by max_requests: a successor should be on its way.
    bool last_event_is_next(const WorkerProcess& worker) const;

    /// Another worker begins, with a share of its own of what max_requests allows: up to a tenth
    /// less, so that workers which started together do not end together.
    void draw();

  private:
    const Options& options_;
    std::size_t requests_ = 0;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace forklift::handlers
