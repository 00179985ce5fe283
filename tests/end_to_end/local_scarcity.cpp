#include <csignal>
#include <set>
#include <sstream>

#include "tests/support/bootstrap.h"
#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

using namespace forklift::test;

/// `forklift` when memory is short: each allocation fails once (see
/// tests/programs/fail_allocation). [not-emulated]: the library is for this machine's programs.
namespace {

/// More than there are on the way of a request.
constexpr int connections = 400;

bool can_preload() {
    if (is_sanitized()) {
        WARN("not tested: sanitizers have an allocator of their own");
        return false;
    }
    const auto linked =
        run_program({.argv = {"ldd", tested_forklift()}, .environment = usual_environment()});
    if (linked.exit == 0) return true;
    WARN("not tested: a static program takes no other allocator");
    return false;
}

Variables with_failing_allocation(const std::string& which) {
    return {{"LD_PRELOAD", helper("libfail_allocation.so")}, {"FAIL_ALLOCATION", which}};
}

/// What became of a request: its status, or 0 when the connection was dropped.
int send(std::uint16_t port, const std::string& path, const HttpFields& headers) {
    auto stream = HttpStream::connect(port);
    std::string head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
    stream.write(head + "Content-Length: 1\r\n\r\n1");
    // A connection that nobody accepts is open all the same.
    REQUIRE(stream.is_readable_within(std::chrono::seconds(20)));
    const auto answer = stream.read_message();
    return answer ? answer->status() : 0;
}

}  // namespace

TEST_CASE("serve goes on whatever allocation fails", "[not-emulated]") {
    if (!can_preload()) return;
    TaskRoot root;
    root.script("echo.sh", "echo some log >&2; exec cat");
    ForkliftServe server({root.path_of("echo.sh"), "--timeout", "1"},
                         with_failing_allocation("each"));
    const std::string path = "/2015-03-31/functions/f/invocations";
    int failures = 0;
    int last_failure = 0;
    for (int i = 0; i < connections; ++i) {
        CAPTURE(i);
        REQUIRE(is_alive(server.pid()));
        if (send(server.port(), path, {{"X-Amz-Log-Type", "Tail"}}) == 200) continue;
        ++failures;
        last_failure = i;
    }
    CHECK(failures > 10);
    // By then allocations fail that are never made.
    CHECK(last_failure < connections - 50);
    for (int i = 0; i < 5; ++i) CHECK(send(server.port(), "/", {}) == 200);
    const auto processes = descendants_of(server.pid());
    server.signal(SIGTERM);
    const auto finished = server.wait();
    CHECK(finished.exit == 0);
    CHECK(contains(finished.errors, "forklift: a connection could not be accepted: "));
    CHECK(contains(finished.errors, "forklift: an HTTP request could not be served: "));
    for (const auto& process : processes) CHECK_FALSE(is_alive(process.pid));
}

TEST_CASE("events that wait are run, or told of, whatever allocation fails", "[not-emulated]") {
    if (!can_preload()) return;
    TaskRoot root;
    root.script("count.sh", "cat >>events; printf 1");
    ForkliftServe server({root.path_of("count.sh"), "--timeout", "1"},
                         with_failing_allocation("each"));
    const std::string path = "/2015-03-31/functions/f/invocations";
    std::size_t accepted = 0;
    for (int i = 0; i < connections; ++i) {
        REQUIRE(is_alive(server.pid()));
        accepted += send(server.port(), path, {{"X-Amz-Invocation-Type", "Event"}}) == 202;
    }
    CHECK(accepted > connections / 2);
    const auto told = [&] {
        const auto errors = server.errors();
        std::size_t count = 0;
        for (auto at = errors.find("forklift: the queued event "); at != errors.npos;
             at = errors.find("forklift: the queued event ", at + 1))
            ++count;
        return count;
    };
    const auto run = [&] { return read_file(root.path_of("events")).size(); };
    const bool are_all_seen_to = eventually([&] { return run() + told() >= accepted; });
    CAPTURE(accepted, run(), told(), server.errors());
    CHECK(are_all_seen_to);
    CHECK(eventually([&] { return send(server.port(), path, {}) == 200; }));
}

TEST_CASE("invoke leaves nothing behind whatever allocation fails", "[not-emulated]") {
    if (!can_preload()) return;
    TaskRoot root;
    root.script("echo.sh", "echo \"$PPID $$\" >>pids; exec cat");
    int failures = 0;
    for (int which = 0; which < 150; ++which) {
        CAPTURE(which);
        const auto finished =
            run_forklift({"invoke", root.path_of("echo.sh"), "1", "--timeout", "1"}, {}, {},
                         with_failing_allocation(std::to_string(which)));
        INFO(finished.errors);
        // Asio itself gives up where it has no memory to take a coroutine down.
        const std::set<int> expected = {0, 1, 3, -SIGABRT};
        CHECK(expected.count(finished.exit) == 1);
        failures += finished.exit != 0;
    }
    CHECK(failures > 5);
    std::istringstream pids(read_file(root.path_of("pids")));
    for (pid_t pid = 0; pids >> pid;) CHECK_FALSE(is_alive(pid));
}
