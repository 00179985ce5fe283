#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <set>

#include "process/reaper.h"

namespace forklift::local {

/// The orphans that come to this process when a bootstrap dies (it is a subreaper; a bootstrap
/// adopts its own orphans while it lives): what a dead environment left behind, which is ended.
class Family {
  public:
    explicit Family(process::Reaper& reaper);

    process::Reaper& reaper() { return reaper_; }

    /// Kills and reaps every orphan, and what those leave behind in turn, until none is left. Gives
    /// up after some seconds: a process that a device holds cannot be killed.
    boost::asio::awaitable<void> sweep();

  private:
    process::Reaper& reaper_;
    /// Children we were born with: whoever became this program by exec had started them.
    std::set<pid_t> strangers_;
};

}  // namespace forklift::local
