#pragma once

#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// What starts `program` with the folder `root` for its whole file system, in /var/task there. A
/// test that is not root itself gets a user namespace to change the root in.
std::vector<std::string> in_root(const std::string& root, const std::string& program);

/// A folder that is the whole file system for the programs in it: at /var/task what `forklift
/// package` makes of a function and the static build's bootstrap, a static shell as /bin/sh, /tmp,
/// and what the test adds. There is no /proc, no /dev and no library.
class EmptyRoot {
  public:
    EmptyRoot();

    /// What is in it. Names are those that the programs see, less the first slash.
    TaskRoot& files() { return files_; }

    /// The folder of the function, on this machine. It is packaged when bootstrap is to start.
    TaskRoot& function() { return function_; }

    /// The bootstrap of the function's zip, unpacked anew, at the Runtime API of that address.
    /// Fails the test when the function cannot be packaged, or something is wrong with it.
    ProgramOptions bootstrap(const std::string& address, const std::string& handler,
                             const Variables& environment = {});

  private:
    void deploy();

    TaskRoot files_;
    TaskRoot function_;
};

}  // namespace forklift::test
