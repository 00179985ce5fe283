#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;

/// The end of `forklift serve`.
namespace {

constexpr const char* simple_get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("SIGTERM lets a running request end and takes no other") {
    TaskRoot root;
    root.script("wait.sh", "echo yes >started; until [ -e go ]; do sleep 0.02; done; printf 1");
    ForkliftServe server({root.path_of("wait.sh"), "--timeout", "30", "--stop-grace", "25"});
    // Connections that carry nothing do not hold it up.
    auto idle = HttpStream::connect(server.port());
    auto running = HttpStream::connect(server.port());
    running.write(simple_get);
    root.wait_for_file("started");
    server.signal(SIGTERM);
    CHECK_FALSE(idle.read_message());
    CHECK_THROWS(exchange(server.port(), "GET", "/", {}, ""));
    root.file("go", "");
    const auto answer = running.read_message();
    REQUIRE(answer);
    CHECK(answer->body == "1");
    CHECK(answer->header("Connection") == "close");
    CHECK(server.wait().exit == 0);
}

// [not-emulated]: the emulator hears signals late.
TEST_CASE("SIGTERM does not wait for longer than the stop grace, and not at all the second time",
          "[not-emulated]") {
    TaskRoot root;
    root.script("wait.sh", "echo yes >started; sleep 60; echo 1");
    for (const auto* grace : {"0.2", "60"}) {
        CAPTURE(grace);
        std::filesystem::remove(root.path_of("started"));
        ForkliftServe server({root.path_of("wait.sh"), "--timeout", "90", "--stop-grace", grace});
        auto running = HttpStream::connect(server.port());
        running.write(simple_get);
        root.wait_for_file("started");
        const auto processes = descendants_of(server.pid());
        server.signal(SIGTERM);
        if (*grace == '6') {
            // The first has been heard when nobody listens any more.
            CHECK(eventually([&] {
                try {
                    HttpStream::connect(server.port());
                    return false;
                } catch (const std::exception&) {
                    return true;
                }
            }));
            server.signal(SIGTERM);
        }
        CHECK(server.wait().exit == 0);
        for (const auto& process : processes) CHECK_FALSE(is_alive(process.pid));
    }
}
