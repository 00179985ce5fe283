#pragma once

#include <string>

#include "tests/support/program.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// A folder that is the whole file system for the programs in it: bootstrap of the static build, a
/// static shell as /bin/sh, /tmp, and what the test adds. There is no /proc, no /dev and no
/// library.
class EmptyRoot {
  public:
    EmptyRoot();

    /// What is in it. Names are those that the programs see, less the first slash.
    TaskRoot& files() { return files_; }

    /// bootstrap in it, with the task root "/", at the Runtime API of that address. A test that is
    /// not root itself gets a user namespace to change the root in.
    ProgramOptions bootstrap(const std::string& address, const std::string& handler,
                             const Variables& environment = {}) const;

  private:
    TaskRoot files_;
};

}  // namespace forklift::test
