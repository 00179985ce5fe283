#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/wait.h"
#include "process/unique_fd.h"

namespace forklift::bench {

/// A program that the benchmark has started, in a process group of its own. What it prints goes to
/// a file in memory and is shown only when it fails. The destructor ends it.
class Process {
  public:
    /// Starts argv[0], which is looked for on PATH, with exactly that environment, in that folder.
    Process(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
            const std::string& folder);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    /// The moment before the start.
    Clock::time_point started() const { return started_; }

    pid_t pid() const { return pid_; }

    /// Readable when the process has ended (pidfd_open(2)).
    int pidfd() const { return pidfd_.get(); }

    /// The last of what it has printed.
    std::string log_tail() const;

  private:
    process::UniqueFd log_;
    Clock::time_point started_;
    pid_t pid_ = 0;
    process::UniqueFd pidfd_;
};

/// While one lives, processes that lose their parent below us become our children; at its end they
/// are killed. Make it before the first Process.
class OrphanSweep {
  public:
    OrphanSweep();
    OrphanSweep(const OrphanSweep&) = delete;
    OrphanSweep& operator=(const OrphanSweep&) = delete;
    ~OrphanSweep();
};

}  // namespace forklift::bench
