#include "tests/support/bootstrap.h"
#include "tests/support/task_root.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// packaging/test/shell, which looks at every shell script of the project with shellcheck.
namespace {

Finished look_at(const std::vector<std::string>& scripts) {
    ProgramOptions options;
    options.argv = {FORKLIFT_SOURCE_DIR "/packaging/test/shell"};
    options.argv.insert(options.argv.end(), scripts.begin(), scripts.end());
    options.environment = usual_environment();
    return run_program(options, std::chrono::seconds(100));
}

}  // namespace

TEST_CASE("no shell script of the project has a mistake that shellcheck finds", "[tools]") {
    if (!has_tool("shellcheck")) return;
    const auto all = look_at({});
    INFO(all.output << all.errors);
    CHECK(all.exit == 0);
    CHECK(contains(all.output, " scripts without a mistake\n"));
}

TEST_CASE("a mistake in a shell script is found, with and without a #! line", "[tools]") {
    if (!has_tool("shellcheck")) return;
    TaskRoot root;
    root.file("script", "#!/bin/sh\nrm -r $1\n");
    root.file("function.sh", "handler() { cat $1; }\n");
    root.file("right.sh", "handler() { [[ $1 ]] && cat \"$1\"; }\n");
    for (const std::string name : {"script", "function.sh"}) {
        const auto found = look_at({root.path_of("right.sh"), root.path_of(name)});
        CHECK(found.exit == 1);
        CHECK(contains(found.output, "SC2086"));
        CHECK(contains(found.errors, "mistakes in " + root.path_of(name) + "\n"));
    }
}
