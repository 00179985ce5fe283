#pragma once

#include <string_view>

#include "process/run.h"

namespace forklift::handlers {

/// Where a handler's log goes: the child's stderr as it comes, and our own words about the run.
class Journal : public process::StderrSink {
  public:
    virtual void warn(std::string_view message) = 0;
    /// What happened as it should, for those who want to follow.
    virtual void note(std::string_view message) = 0;
};

}  // namespace forklift::handlers
