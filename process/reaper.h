#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "process/exit_status.h"
#include "process/mark.h"

namespace forklift::process {

/// The one place that waits for child processes. Children that `spawn` started are tracked and
/// reaped one by one by their owner; every other child is an orphan that came to us because we are
/// a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), and is reaped in passing. Make one in a process,
/// before the first spawn; it outlives every Child.
class Reaper {
  public:
    Reaper();
    Reaper(const Reaper&) = delete;
    Reaper& operator=(const Reaper&) = delete;
    ~Reaper() = default;

    void track(pid_t pid);

    /// True once `pid` has ended. It stays a zombie, so that neither its number nor its process
    /// group's can come to belong to anyone else before `reap`.
    bool has_ended(pid_t pid) const;

    /// How `pid` has ended, without reaping it.
    ExitStatus status(pid_t pid) const;

    /// Reaps a tracked child that has ended, and forgets its number.
    ExitStatus reap(pid_t pid);

    /// Gives up a tracked child that will not end in time: it is reaped as an orphan some day.
    void abandon(pid_t pid);

    /// Reaps the orphans that have ended; returns how many.
    int reap_orphans();

    /// Kills and reaps each orphan, and what those leave behind in turn, but no child that this
    /// process had before it had a Reaper: whoever became this program by exec has started that.
    /// Returns true when there is none left, false when one is still there after `limit`: a process
    /// that a device holds cannot be killed. Orphans are found in /proc; without it there are none.
    boost::asio::awaitable<bool> end_orphans(std::chrono::milliseconds limit);

    /// The same for what comes from the child with that mark. A process that has written over its
    /// mark, or was started without it, counts as well while there is no tracked child that it
    /// could come from.
    boost::asio::awaitable<bool> end_orphans_of(const Mark& mark, std::chrono::milliseconds limit);

    /// Kills every child, its process group, and what those leave behind in turn. Returns as
    /// `end_orphans` does; the tracked children are still to be reaped.
    boost::asio::awaitable<bool> end_all(std::chrono::milliseconds limit);

    /// Keeps what a run still holds (its ended leader, a zombie that pins the group's number, and
    /// its pipes) until `empty_group`, so that the answer need not wait for the clearing up.
    void hold(pid_t group, std::shared_ptr<void> leftovers);

    /// Lets go of what was held for the group, and reaps what is left in it; all its members must
    /// have been sent SIGKILL by then. Returns true when the group is empty, false when a member is
    /// still there after `limit`.
    boost::asio::awaitable<bool> empty_group(pid_t group, std::chrono::milliseconds limit);

  private:
    /// Orphans that have been sent SIGKILL and are still to be reaped.
    using Dying = std::set<pid_t>;

    boost::asio::awaitable<bool> end_meant(std::function<bool(pid_t)> is_meant,
                                           std::chrono::milliseconds limit);
    bool kill_orphans(const std::function<bool(pid_t)>& is_meant, Dying& dying);
    bool kill_tracked() const;

    std::set<pid_t> tracked_;
    std::set<pid_t> strangers_;
    std::map<pid_t, std::shared_ptr<void>> held_;
};

}  // namespace forklift::process
