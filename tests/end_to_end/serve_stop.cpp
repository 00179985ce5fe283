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

constexpr const char* simple_get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

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

TEST_CASE("SIGTERM leaves a client that is in the middle of a request the time to get an answer") {
    TaskRoot root;
    root.script("run.sh", "printf 1");
    struct Case {
        const char* first;
        const char* rest;
    };
    for (const auto& [first, rest] :
         {Case{"G", "ET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
          Case{"GET / HTTP/1.1\r\n", "Host: localhost\r\n\r\n"},
          Case{"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n1", "2"}}) {
        CAPTURE(first);
        ForkliftServe server({root.path_of("run.sh"), "--stop-grace", "25"});
        auto slow = HttpStream::connect(server.port());
        slow.write(first);
        // By the time another one has its answer, the half has been read.
        CHECK(exchange(server.port(), "GET", "/", {}, "").body == "1");
        server.signal(SIGTERM);
        CHECK(eventually([&] { return !accepts(server.port()); }));
        slow.write(rest);
        const auto answer = slow.read_message();
        REQUIRE(answer);
        CHECK(answer->status() == 503);
        CHECK(answer->header("Connection") == "close");
        CHECK(server.wait().exit == 0);
    }
}

TEST_CASE("half a request does not hold the end up for longer than the stop grace") {
    TaskRoot root;
    root.script("run.sh", "printf 1");
    for (const auto* grace : {"0.2", "60"}) {
        CAPTURE(grace);
        ForkliftServe server({root.path_of("run.sh"), "--stop-grace", grace});
        auto slow = HttpStream::connect(server.port());
        slow.write("GET / HTTP/1.1\r\n");
        // By then the half request has arrived as well.
        CHECK(exchange(server.port(), "GET", "/", {}, "").status() == 200);
        server.signal(SIGTERM);
        CHECK(eventually([&] { return !accepts(server.port()); }));
        if (*grace == '6') {
            CHECK(is_alive(server.pid()));
            server.signal(SIGTERM);
        }
        CHECK(server.wait().exit == 0);
        CHECK_FALSE(slow.read_message());
    }
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
            CHECK(eventually([&] { return !accepts(server.port()); }));
            server.signal(SIGTERM);
        }
        CHECK(server.wait().exit == 0);
        for (const auto& process : processes) CHECK_FALSE(is_alive(process.pid));
    }
}
