#pragma once

#include <boost/asio/awaitable.hpp>
#include <list>
#include <optional>

#include "handlers/event.h"
#include "handlers/journal.h"
#include "handlers/recipe.h"
#include "handlers/time_budget.h"
#include "process/reaper.h"
#include "process/run.h"
#include "process/scratch_directory.h"
#include "protocol/outcome.h"

namespace forklift::handlers {

/// Runs a recipe for one event after another: its arguments, its input, its files, its answer.
class Job {
  public:
    Job(process::Reaper& reaper, Journal& journal, const Recipe& recipe)
        : reaper_(reaper), journal_(journal), recipe_(recipe) {}

    /// One run. `environment` holds the context of the invocation.
    boost::asio::awaitable<protocol::Outcome> run(Event& event, process::Environment environment,
                                                  TimeBudget budget);

    /// Returns when nothing of the last run is left, neither processes nor files.
    boost::asio::awaitable<void> settle();

    /// Ends a run under way, and every later one.
    void stop() { stop_switch_.stop(); }

  private:
    /// Returns false when a process of the last run does not end.
    boost::asio::awaitable<bool> end_leftovers();
    void remove_scratch();
    std::optional<protocol::Failure> make_scratch(process::Environment& environment);
    protocol::Outcome finish(process::Run run, const TimeBudget& budget);
    std::optional<protocol::Failure> read_output_file(process::Run& run);

    process::Reaper& reaper_;
    Journal& journal_;
    const Recipe& recipe_;
    process::StopSwitch stop_switch_;
    std::optional<process::ScratchDirectory> scratch_;
    /// Those of earlier runs that could not be removed yet.
    std::list<process::ScratchDirectory> unremoved_;
    FilePaths files_;
    pid_t last_group_ = 0;
    /// Of the last run, until nothing of it is left.
    std::optional<process::Mark> last_mark_;
};

}  // namespace forklift::handlers
