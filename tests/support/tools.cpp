#include "tests/support/tools.h"

#include "tests/support/bootstrap.h"
#include "tests/test.h"

namespace forklift::test {

bool has_tool(const std::string& tool) {
    const auto finished = run_program(
        {.argv = {"sh", "-c", "command -v " + tool}, .environment = usual_environment()});
    if (finished.exit != 0) WARN("not tested: there is no " << tool << " here");
    return finished.exit == 0;
}

bool has_python_module(const std::string& module) {
    if (!has_tool("python3")) return false;
    const auto finished = run_program(
        {.argv = {"python3", "-c", "import " + module}, .environment = usual_environment()});
    if (finished.exit != 0) WARN("not tested: Python has no module " << module << " here");
    return finished.exit == 0;
}

}  // namespace forklift::test
