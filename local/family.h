#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <set>
#include <variant>

#include "process/reaper.h"
#include "process/spawn.h"

namespace forklift::local {

/// The children of this process: the bootstraps that it started, and the orphans that came to it
/// when a bootstrap died (it is a subreaper; a bootstrap adopts its own orphans while it lives).
/// Orphans are what a dead environment left behind, and are ended.
class Family {
  public:
    explicit Family(process::Reaper& reaper);

    /// process::spawn, with the child remembered as a bootstrap.
    std::variant<process::Child, process::SpawnError> spawn(boost::asio::any_io_executor executor,
                                                            const process::Command& command,
                                                            process::ChildStreams streams);

    /// To be called when a bootstrap has been reaped.
    void forget(pid_t bootstrap) { bootstraps_.erase(bootstrap); }

    /// Kills and reaps every orphan, and what those leave behind in turn, until none is left. Gives
    /// up after some seconds: a process that a device holds cannot be killed.
    boost::asio::awaitable<void> sweep();

  private:
    bool kill_orphans();

    process::Reaper& reaper_;
    std::set<pid_t> bootstraps_;
    /// Children we were born with: whoever became this program by exec had started them.
    std::set<pid_t> strangers_;
};

}  // namespace forklift::local
