#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "process/command.h"
#include "process/exit_status.h"
#include "process/reaper.h"
#include "process/spawn_error.h"
#include "process/stderr_sink.h"
#include "process/stop_ladder.h"

namespace forklift::process {

/// What a run may use, and how it is ended when it uses more.
struct RunLimits {
    /// When the ladder begins; time_point::max() for never.
    std::chrono::steady_clock::time_point stop_at = std::chrono::steady_clock::time_point::max();
    StopLadder ladder;
    /// Bytes of stdout; with one more the run is ended and `Run::too_much_output` set.
    std::size_t max_output = SIZE_MAX;
    /// How long a descendant may hold stdout or stderr open after the child itself has ended.
    std::chrono::milliseconds drain_grace{250};
    /// What the child leaves in its group when it ends by itself is left alone.
    bool keep_background = false;
};

/// How a run ended.
struct Run {
    ExitStatus status;
    std::string output;
    /// The last lines of stderr, oldest first.
    std::vector<std::string> stderr_tail;
    /// The ladder had to begin because `stop_at` had come.
    bool timed_out = false;
    /// The ladder had to begin because `StopSwitch::stop` was called.
    bool stopped = false;
    bool too_much_output = false;
    /// Bytes of stdout that had come until then; with `too_much_output` more than `output` has.
    std::size_t output_size = 0;
    /// Not empty when the child had to be killed because its output could not be kept: what ran
    /// out.
    std::string exhausted;
    /// The child's process group; pass it to Reaper::empty_group, which kills and reaps what is
    /// left of it, before the next run. 0 when its members are left alone.
    pid_t group = 0;
    /// What all that the child has started is known by.
    Mark mark;
};

/// Ends a run from outside, as if its time were up. Belongs to the caller of `run`.
class StopSwitch {
  public:
    void stop() {
        thrown_ = true;
        if (on_stop_) on_stop_();
    }
    bool thrown() const { return thrown_; }
    /// `run` sets what is to happen, and clears it before it returns.
    void on_stop(std::function<void()> action) { on_stop_ = std::move(action); }

  private:
    bool thrown_ = false;
    std::function<void()> on_stop_;
};

/// Runs `command` to its end: `input` on stdin, stdout collected, stderr handed to `errors` as it
/// comes and its tail kept. Returns when the child has ended and both pipes are drained; a
/// descendant that holds a pipe open has `drain_grace`, then its group is killed, and one that left
/// the group loses its reader. The references must stay valid until it returns. Throws when there
/// is no memory even to begin.
boost::asio::awaitable<std::variant<Run, SpawnError>> run(Reaper& reaper, const Command& command,
                                                          std::string_view input, RunLimits limits,
                                                          StderrSink& errors,
                                                          StopSwitch& stop_switch);

}  // namespace forklift::process
