#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "process/exit_status.h"
#include "process/mark.h"
#include "process/reaper.h"
#include "process/unique_fd.h"

namespace forklift::process {

/// A running child, leader of a process group of its own. Whoever drops a Child that has not been
/// reaped kills its group; the Reaper then collects it as an orphan.
class Child {
  public:
    /// Takes over a child just started. `pidfd` (pidfd_open(2)) may be empty, where the kernel or a
    /// seccomp filter does not allow it: SIGCHLD serves instead.
    Child(boost::asio::any_io_executor executor, Reaper& reaper, pid_t pid, UniqueFd pidfd,
          const Mark& mark);
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    /// The child's pid, which is also its process group's number.
    pid_t pid() const { return pid_; }

    /// What it and everything that it starts is known by.
    const Mark& mark() const { return mark_; }

    bool has_ended() const;

    /// Returns true when the child has ended, which leaves it to be reaped; false when
    /// `stop_waiting` was called first. One caller at a time.
    boost::asio::awaitable<bool> ended();
    void stop_waiting();

    /// Signals every member of the process group, and the child if it has moved to another one.
    /// Does nothing once the child is reaped.
    void signal_group(int signal) const;

    /// How the child ended, which it must have.
    ExitStatus status() const;

    /// Reaps the child, which must have ended. The pid is forgotten: 0 from now on.
    ExitStatus reap();

  private:
    struct Watch;

    Reaper* reaper_;
    pid_t pid_;
    Mark mark_;
    std::unique_ptr<Watch> watch_;
};

}  // namespace forklift::process
