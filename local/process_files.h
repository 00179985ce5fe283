#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "process/unique_fd.h"

namespace forklift::local {

/// The files in /proc that tell of one process, kept open: reading one again costs a system call,
/// and never tells of another process that got the same number.
class ProcessFiles {
  public:
    explicit ProcessFiles(pid_t pid);

    pid_t pid() const { return pid_; }

    struct Status {
        /// Resident memory now, and the most there has been; bytes. 0 for a zombie.
        std::size_t resident = 0;
        std::size_t highest = 0;
        /// 0 for a zombie.
        std::size_t threads = 0;
    };

    /// Nothing when the process is gone.
    std::optional<Status> status() const;

    /// Appends the children of a process with so many threads: each thread has its own.
    void append_children(std::size_t threads, std::vector<pid_t>& pids) const;

  private:
    pid_t pid_;
    process::UniqueFd status_;
    process::UniqueFd children_of_first_thread_;
};

}  // namespace forklift::local
