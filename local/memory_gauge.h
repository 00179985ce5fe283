#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

#include "local/process_files.h"

namespace forklift::local {

/// Measures the peak of the resident memory that a process and all its descendants use together,
/// sample by sample (/proc/PID/status). Between samples the kernel's own high-water mark of each
/// process helps: where one rose during the measurement above what the sample sees, that process
/// is counted at its mark and the others as they are.
class MemoryGauge {
  public:
    explicit MemoryGauge(pid_t root) : root_(root) {}

    /// Begins a measurement with what the last sample saw: nothing is read, so that it costs no
    /// time when an event is on its way.
    void begin();

    /// Takes one sample. Processes that are gone count with what was last seen of them.
    void sample();

    std::size_t peak_bytes() const { return peak_; }

  private:
    struct Member {
        ProcessFiles files;
        /// The process's high-water mark at the last sample, and at the beginning.
        std::size_t mark = 0;
        std::size_t mark_at_beginning = 0;
        bool alive = true;
    };

    std::size_t member_of(pid_t pid);

    pid_t root_;
    std::size_t peak_ = 0;
    /// What the last sample that found anything saw.
    std::size_t last_ = 0;
    std::vector<Member> members_;
};

}  // namespace forklift::local
