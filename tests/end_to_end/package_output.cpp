#include <sys/mount.h>

#include "tests/support/forklift.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

/// Where `forklift package` writes to, and what becomes of it when that fails.

/// [not-emulated]: forklift packs for the processor that it was built for, the tests for this
/// machine.
TEST_CASE("a mistake on the command line of package is named", "[not-emulated]") {
    TaskRoot root;
    root.file("file", "");
    const std::vector<std::vector<std::string>> wrong = {
        {"-o", "x.zip"},
        {root.path()},
        {root.path_of("none"), "-o", "x.zip"},
        {root.path(), "-o", "none/x.zip"},
        {root.path(), "-o", root.path()},
        {root.path(), "-o", "/dev/full"},
        {root.path(), "-o", "x.zip", "--arch", "vax"},
        {root.path(), "-o", "x.zip", "--layer", "--handler", "x"},
    };
    for (auto arguments : wrong) {
        arguments.insert(arguments.begin(), "package");
        CHECK(run_forklift(arguments, root.path()).exit == 2);
    }
}

TEST_CASE("a zip that cannot be written leaves the one that was there, and nothing else",
          "[not-emulated]") {
    TaskRoot root;
    root.file("file", "x");
    // A folder of one page for the zip; only root can make one.
    const TaskRoot full;
    if (::mount("none", full.path().c_str(), "tmpfs", 0, "size=8k") != 0) {
        WARN("not tested: no permission to mount a small file system");
        return;
    }
    const auto zip = full.path_of("function.zip");
    CHECK(run_forklift({"package", root.path(), "-o", zip, "--without-bootstrap"}).exit == 0);
    const auto before = read_file(zip);
    std::string noise(64 * 1024, '\0');
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * i * 31 >> 7);
    root.file("noise", noise);
    const auto finished = run_forklift({"package", root.path(), "-o", zip, "--without-bootstrap"});
    CHECK(finished.exit == 3);
    CHECK(contains(finished.errors, zip + " cannot be written"));
    CHECK(contains(finished.errors, "No space left"));
    CHECK(read_file(zip) == before);
    CHECK(std::distance(fs::directory_iterator(full.path()), fs::directory_iterator()) == 1);
    ::umount2(full.path().c_str(), MNT_DETACH);
}
