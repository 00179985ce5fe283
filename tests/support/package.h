#pragma once

#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// `forklift package` of the folder `root`, with a statically linked program for bootstrap unless
/// `arguments` name another, so that nothing about bootstrap itself is to be said.
struct Packaged : Finished {
    /// Where the zip is to be; gone with the object.
    std::string zip() const { return out.path_of("function.zip"); }

    TaskRoot out;
};

void package_into(Packaged& packaged, const std::string& folder,
                  const std::vector<std::string>& arguments = {},
                  const Variables& environment = {});

}  // namespace forklift::test
