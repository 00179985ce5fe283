#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "tests/support/bootstrap.h"
#include "tests/support/checked.h"
#include "tests/support/forklift.h"
#include "tests/support/package.h"
#include "tests/support/task_root.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

/// Pipes, folders, devices and endless files where `forklift` reads a file.
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

void make_pipe(const std::string& path) { checked(::mkfifo(path.c_str(), 0600), "mkfifo"); }

/// What the program says, which it must do soon, in little memory, and with exit status 2.
std::string refusal(std::vector<std::string> arguments) {
    const auto finished = run_forklift(arguments);
    CHECK(finished.exit == 2);
    CHECK(finished.output.empty());
    return finished.errors;
}

}  // namespace

TEST_CASE("a forklift.json that is no regular file, or too large, is named as such") {
    TaskRoot root;
    const auto file = root.path_of("forklift.json");
    const auto said = [&] { return refusal({"invoke", root.path(), "{}"}); };
    make_pipe(file);
    CHECK(contains(said(), file + " is not a regular file"));
    fs::remove(file);
    fs::create_directory(file);
    CHECK(contains(said(), file + " is not a regular file"));
    fs::remove(file);
    fs::create_symlink("/dev/zero", file);
    CHECK(contains(said(), file + " is not a regular file"));
    fs::remove(file);
    root.file("forklift.json", std::string(mebibyte + 1, ' '));
    CHECK(contains(said(), file + " has more than 1048576 bytes"));
    fs::remove(file);
    // A link to a file is fine.
    root.file("real.json", R"({"handlers":{"one":{"command":["cat"]}}})");
    fs::create_symlink("real.json", file);
    CHECK(run_forklift({"invoke", root.path(), "[1]"}).output == "[1]");
}

TEST_CASE("an event that has no end is refused") {
    CHECK(contains(refusal({"invoke", "cat", "@/dev/zero"}), "the event has more than 6291456"));
    const auto from_stdin =
        run_program({.argv = {"sh", "-c", "yes | " + tested_forklift() + " invoke cat -"},
                     .environment = usual_environment()});
    CHECK(from_stdin.exit == 2);
    CHECK(contains(from_stdin.errors, "the event has more than 6291456 bytes"));
}

TEST_CASE("an event may come from a pipe, and not from a folder") {
    TaskRoot root;
    const auto pipe = root.path_of("pipe");
    make_pipe(pipe);
    std::thread writer([&] { std::ofstream(pipe) << "[1]"; });
    CHECK(run_forklift({"invoke", "cat", "@" + pipe}).output == "[1]");
    writer.join();
    CHECK(contains(refusal({"invoke", "cat", "@" + root.path()}),
                   root.path() + ": cannot read the event: Is a directory"));
}

// [not-emulated]: as in package.cpp.
TEST_CASE("a layer that is no regular file is named as such", "[not-emulated]") {
    TaskRoot root;
    root.file("function/file", "");
    make_pipe(root.path_of("pipe"));
    for (const auto& layer : {root.path_of("pipe"), root.path(), std::string("/dev/zero")}) {
        Packaged packaged;
        package_into(packaged, root.path_of("function"), {"--with-layer", layer});
        CHECK(packaged.exit == 2);
        CHECK(contains(packaged.errors, "--with-layer " + layer + ": it is not a regular file"));
    }
}
