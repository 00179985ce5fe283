#include <fcntl.h>
#include <sys/stat.h>

#include "tests/support/bootstrap.h"
#include "tests/support/checked.h"
#include "tests/support/package.h"
#include "tests/support/tested_programs.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

using namespace forklift::test;

/// `forklift package` of folders that are nested deep.
/// [not-emulated]: forklift packs for the processor that it was built for, the tests for this
/// machine.
namespace {

/// A folder d in a folder d and so on, with a file in the last one.
class Nested {
  public:
    explicit Nested(int depth) {
        FileDescriptor folder(
            checked(::open(root_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open"));
        for (int i = 0; i < depth; ++i) {
            checked(::mkdirat(folder.get(), "d", 0755), "mkdirat");
            folder = FileDescriptor(
                checked(::openat(folder.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "openat"));
        }
        FileDescriptor(checked(::openat(folder.get(), "f", O_CREAT | O_WRONLY, 0644), "openat"));
    }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    /// What the folder's own destructor uses keeps a descriptor for each.
    ~Nested() {
        run_program({.argv = {"rm", "-rf", root_.path()}, .environment = usual_environment()});
    }

    std::string path() const { return root_.path(); }

  private:
    TaskRoot root_;
};

Finished package_with_few_descriptors(const Nested& nested, const Packaged& packaged,
                                      std::vector<std::string> arguments = {}) {
    std::vector<std::string> argv{"prlimit",      "--nofile=64",        tested_forklift(),
                                  "package",      nested.path(),        "-o",
                                  packaged.zip(), "--without-bootstrap"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run_program({.argv = argv, .environment = usual_environment()});
}

std::string path_in(int depth, const std::string& name) {
    std::string path;
    for (int i = 0; i < depth; ++i) path += "d/";
    return path + name;
}

}  // namespace

TEST_CASE("folders may be nested deeper than a process may have files open", "[not-emulated]") {
    const Nested nested(1100);
    const Packaged packaged;
    const auto finished = package_with_few_descriptors(nested, packaged);
    INFO(finished.errors);
    CHECK(finished.exit == 0);
    CHECK(names_in_zip(packaged.zip()) == path_in(1100, "f") + "\n");
}

TEST_CASE("folders that are nested deeper than a path may be long are an error", "[not-emulated]") {
    const Nested nested(2100);
    const Packaged packaged;
    const auto finished = package_with_few_descriptors(nested, packaged);
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "forklift: error: " + nested.path() + "/d/d/d/d"));
    CHECK(contains(finished.errors, "... is nested too deep: its path has 409"));
    CHECK(contains(finished.errors, " bytes, and Linux takes 4095; leave it out with --exclude\n"));
    CHECK(finished.errors.size() < 1000);
    CHECK(package_with_few_descriptors(nested, packaged, {"--exclude", "d/d/d"}).exit == 0);
    CHECK(names_in_zip(packaged.zip()) == "d/d/\n");
}
