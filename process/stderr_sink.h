#pragma once

#include <string_view>

namespace forklift::process {

/// Where a child's stderr goes as it comes.
class StderrSink {
  public:
    virtual ~StderrSink() = default;
    virtual void write(std::string_view text) = 0;
    /// True while the child had better wait a moment, because what was written is on its way out.
    virtual bool congested() const { return false; }
};

}  // namespace forklift::process
