#include <filesystem>

#include "tests/support/bootstrap.h"
#include "tests/support/empty_root.h"
#include "tests/support/one_shot.h"
#include "tests/support/package.h"
#include "tests/support/tested_programs.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

using namespace forklift::test;

/// What the static build promises: one file that needs nothing of the machine it runs on.
namespace {

constexpr std::uintmax_t largest = 3 * 1024 * 1024;
constexpr std::uintmax_t largest_zipped = 13 * 1024 * 1024 / 10;

std::string output_of(std::vector<std::string> argv) {
    const auto finished =
        run_program({.argv = std::move(argv), .environment = usual_environment()});
    INFO(finished.errors);
    REQUIRE(finished.exit == 0);
    return finished.output;
}

void check_needs_nothing(const std::string& program) {
    const auto segments = output_of({"readelf", "--wide", "--segments", program});
    CHECK(contains(segments, "LOAD"));
    CHECK_FALSE(contains(segments, "INTERP"));
    CHECK_FALSE(contains(output_of({"readelf", "--wide", "--dynamic", program}), "NEEDED"));
    CHECK_FALSE(contains(output_of({"readelf", "--wide", "--sections", program}), ".symtab"));
}

/// The program, and the zip that holds nothing but it.
void check_is_small(const std::string& program, std::vector<std::string> options) {
    CHECK(std::filesystem::file_size(program) <= largest);
    const TaskRoot nothing;
    Packaged packaged;
    options.insert(options.end(), {"--bootstrap", program});
    package_into(packaged, nothing.path(), options);
    INFO(packaged.errors);
    REQUIRE(packaged.exit == 0);
    CHECK(packaged.errors.empty());
    CHECK(names_in_zip(packaged.zip()) == "bootstrap\n");
    CHECK(std::filesystem::file_size(packaged.zip()) <= largest_zipped);
}

}  // namespace

TEST_CASE("both static programs need no library, and carry no symbols", "[static]") {
    check_needs_nothing(static_program("bootstrap"));
    check_needs_nothing(static_program("forklift"));
    const auto ldd = run_program(
        {.argv = {"ldd", static_program("bootstrap")}, .environment = usual_environment()});
    CHECK((contains(ldd.output + ldd.errors, "not a dynamic executable") ||
           contains(ldd.output + ldd.errors, "statically linked")));
}

TEST_CASE("the static bootstrap is small, and so is the zip of it", "[static]") {
    check_is_small(static_program("bootstrap"), {});
}

TEST_CASE("the static bootstrap for arm64 needs no library and is small", "[static]") {
    const std::string program = FORKLIFT_SOURCE_DIR "/build/static-arm64/bootstrap";
    if (!std::filesystem::exists(program)) {
        WARN("not tested: there is no " << program << "; ./dev arm64 makes it");
        return;
    }
    CHECK(contains(output_of({"readelf", "--file-header", program}), "AArch64"));
    check_needs_nothing(program);
    check_is_small(program, {"--arch", "arm64"});
}

TEST_CASE("in an empty root every event starts a script", "[static]") {
    EmptyRoot root;
    root.function().script("greet", "read -r event\necho \"{\\\"got\\\":$event}\"");
    RuntimeApiServer server;
    server.add({.payload = "1", .id = "first"});
    server.add({.payload = "2", .id = "second"});
    Program bootstrap(root.bootstrap(server.address(), "greet"));
    CHECK(server.next_post().body() == "{\"got\":1}\n");
    const auto second = server.next_post();
    CHECK(second.path == response_path("second"));
    CHECK(second.body() == "{\"got\":2}\n");
    server.wait_until_idle();
    CHECK(bootstrap.errors() == "");
}

TEST_CASE("in an empty root a worker stays from event to event", "[static]") {
    EmptyRoot root;
    root.function().script("count",
                           "seen=0\nwhile read -r event; do\n"
                           "  seen=$((seen + 1))\n  echo \"[$seen,$event]\"\ndone");
    RuntimeApiServer server;
    server.add({.payload = "7"});
    server.add({.payload = "8"});
    Program bootstrap(root.bootstrap(server.address(), "count",
                                     {{"FORKLIFT_MODE", "worker"}, {"FORKLIFT_FRAMING", "lines"}}));
    CHECK(server.next_post().body() == "[1,7]");
    CHECK(server.next_post().body() == "[2,8]");
    server.wait_until_idle();
    CHECK(bootstrap.errors() == "");
}

TEST_CASE("in an empty root a failure is told with the last lines of stderr", "[static]") {
    EmptyRoot root;
    root.function().script("fail", "echo 'no such order' >&2\nexit 3");
    RuntimeApiServer server;
    server.add({});
    Program bootstrap(root.bootstrap(server.address(), "fail"));
    const auto post = server.next_post();
    CHECK(post.path == error_path());
    CHECK(contains(post.body(), "Function.ExitStatus"));
    CHECK(contains(post.body(), "no such order"));
}

TEST_CASE("in an empty root a handler that is not there is an init error", "[static]") {
    EmptyRoot root;
    RuntimeApiServer server;
    Program bootstrap(root.bootstrap(server.address(), "greet"));
    CHECK(contains(server.next_post().body(), "Runtime.NoSuchHandler"));
    CHECK(bootstrap.wait().exit == 1);
}
