#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// bootstrap where something is missing that it would rather have.
namespace {

/// The soft limit of a running program's descriptors.
void limit_descriptors(const Bootstrap& bootstrap, int count) {
    const auto finished = run_program({.argv = {"prlimit", "--pid", std::to_string(bootstrap.pid()),
                                                "--nofile=" + std::to_string(count) + ":"},
                                       .environment = usual_environment()});
    INFO(finished.errors);
    REQUIRE(finished.exit == 0);
}

}  // namespace

TEST_CASE("an event for which there is no descriptor fails and the next one runs") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    CHECK(server.next_post().path == response_path());
    server.wait_until_idle();
    // What it has open it may keep; there is no room for another one.
    const auto open = open_descriptors_of(bootstrap.pid());
    limit_descriptors(bootstrap, open);
    server.add({.id = "poor"});
    const auto post = server.next_post();
    CHECK(post.path == error_path("poor"));
    CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Runtime.SpawnFailed");
    CHECK(contains(Json(post.body()).text("/errorMessage"), "EMFILE"));
    server.wait_until_idle();
    CHECK(open_descriptors_of(bootstrap.pid()) <= open);

    limit_descriptors(bootstrap, 1024);
    server.add({.id = "rich"});
    CHECK(server.next_post().path == response_path("rich"));
}

TEST_CASE("however few descriptors there are every event is answered once") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    server.next_post();
    server.wait_until_idle();
    const auto open = open_descriptors_of(bootstrap.pid());
    for (int room = 0; room <= 8; ++room) {
        limit_descriptors(bootstrap, open + room);
        const auto id = "room-" + std::to_string(room);
        server.add({.id = id});
        const auto post = server.next_post();
        CAPTURE(room);
        CHECK((post.path == response_path(id) || post.path == error_path(id)));
        if (post.path == error_path(id))
            CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Runtime.SpawnFailed");
        else
            CHECK(post.body() == "{}");
        server.wait_until_idle();
        CHECK(open_descriptors_of(bootstrap.pid()) <= open);
        CHECK(children_of(bootstrap.pid()).empty());
    }
}

TEST_CASE("however few descriptors there are every event of a worker is answered once") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add(Event{.payload = "0"});
    root.script("handler", "while read -r event; do [ $event = 1 ] && exit 1; echo $event; done");
    Bootstrap bootstrap(server, root, "handler", {{"FORKLIFT_MODE", "worker"}});
    server.next_post();
    server.wait_until_idle();
    const auto open = open_descriptors_of(bootstrap.pid());
    for (int room = -3; room <= 5; ++room) {
        limit_descriptors(bootstrap, open + room);
        // Dies in an event, dies while idle, and answers when there is room for one that does.
        for (const auto* payload : {"1", "2"}) {
            const auto id = "room-" + std::to_string(room) + "-" + payload;
            server.add(Event{.payload = payload, .id = id});
            const auto post = server.next_post();
            CAPTURE(id);
            CHECK((post.path == response_path(id) || post.path == error_path(id)));
            if (post.path == response_path(id)) CHECK(post.body() == payload);
            server.wait_until_idle();
            for (const auto& child : children_of(bootstrap.pid())) ::kill(child.pid, SIGKILL);
        }
    }
    limit_descriptors(bootstrap, 1024);
    server.add({.payload = "3", .id = "rich"});
    CHECK(server.next_post().path == response_path("rich"));
    server.wait_until_idle();
    CHECK(eventually([&] { return open_descriptors_of(bootstrap.pid()) == open; }));
    CHECK(eventually([&] { return children_of(bootstrap.pid()).size() == 1; }));
}

TEST_CASE("bootstrap works where pidfd_open is forbidden") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "eval \"$(cat)\"");
    BootstrapOptions options{.handler = "handler"};
    options.wrapper = {helper("forbid_call"), "pidfd_open"};
    options.environment = {{"FORKLIFT_STOP_MARGIN", "1500ms"}};
    for (const auto* what :
         {"echo 1", "sleep 0.2; exit 3", "kill -KILL $$", "exec >&- 2>&-; sleep 0.2"})
        server.add({.payload = what});
    Event late{.payload = "sleep 30", .id = "late"};
    late.time_left = 3s;
    server.add(late);
    Bootstrap bootstrap(server, root, options);
    CHECK(server.next_post().body() == "1\n");
    CHECK(server.next_post().header("Lambda-Runtime-Function-Error-Type") == "Function.ExitStatus");
    CHECK(server.next_post().header("Lambda-Runtime-Function-Error-Type") == "Function.Signal");
    CHECK(server.next_post().body() == "\"\"");
    const auto start = std::chrono::system_clock::now();
    const auto post = server.next_post();
    CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Function.Timeout");
    CHECK(post.received - start < 3s);
    server.wait_until_idle();
    CHECK(children_of(bootstrap.pid()).empty());
}

TEST_CASE("bootstrap works where SIGCHLD and others were ignored and blocked before it") {
    RuntimeApiServer server;
    TaskRoot root;
    BootstrapOptions options;
    options.handler = root.script("handler", "cat; exit 3");
    options.wrapper = {"/bin/sh", "-c", "trap '' CHLD PIPE HUP TERM; exec \"$0\" \"$@\""};
    server.add({});
    Bootstrap bootstrap(server, root, options);
    CHECK(server.next_post().header("Lambda-Runtime-Function-Error-Type") == "Function.ExitStatus");
    server.wait_until_idle();
    CHECK(children_of(bootstrap.pid()).empty());
}

TEST_CASE("bootstrap does not reap children that it was born with away from its own") {
    RuntimeApiServer server;
    TaskRoot root;
    BootstrapOptions options;
    options.handler = root.script("handler", "cat");
    options.wrapper = {"/bin/sh", "-c", "sleep 0.2 & exec \"$0\" \"$@\""};
    server.add({});
    Bootstrap bootstrap(server, root, options);
    CHECK(server.next_post().body() == "{}");
    CHECK(eventually([&] {
        if (zombies_of(bootstrap.pid()) == 0 && children_of(bootstrap.pid()).empty()) return true;
        server.add({});
        server.wait_until_idle();
        return false;
    }));
}

TEST_CASE("a stderr that nobody holds any more ends nothing") {
    RuntimeApiServer server;
    TaskRoot root;
    BootstrapOptions options;
    options.handler = root.script("handler", "echo words >&2; echo 1");
    // stderr is a pipe whose reader is gone.
    options.wrapper = {"/bin/bash", "-c", "exec 2> >(exec true); sleep 0.3; exec \"$0\" \"$@\""};
    server.add({});
    server.add({});
    Bootstrap bootstrap(server, root, options);
    CHECK(server.next_post().body() == "1\n");
    CHECK(server.next_post().body() == "1\n");
    server.wait_until_idle();
}

// [not-emulated]: QEMU makes a fork of the vfork that starts a program, which then never learns
// that exec failed.
TEST_CASE("an environment that is too large for a program fails the event alone",
          "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    Event event{.id = "huge"};
    for (const auto* name : {"A", "B", "C", "D", "E"})
        event.headers.emplace_back("Lambda-Runtime-" + std::string(name), std::string(60'000, 'x'));
    server.add(event);
    server.add({.id = "small"});
    BootstrapOptions options;
    options.handler = root.script("handler", "cat");
    // Arguments and environment may take a quarter of the stack.
    options.wrapper = {"prlimit", "--stack=1048576"};
    Bootstrap bootstrap(server, root, options);
    const auto post = server.next_post();
    CHECK(post.path == error_path("huge"));
    CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Runtime.SpawnFailed");
    CHECK(contains(Json(post.body()).text("/errorMessage"), "E2BIG"));
    CHECK(server.next_post().path == response_path("small"));
}

// [not-emulated]: the emulator makes its own system calls.
TEST_CASE("a request that the kernel does not take is an error that is told", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    BootstrapOptions options{.handler = root.script("handler", "cat")};
    options.wrapper = {helper("forbid_call"), "sendmsg"};
    Bootstrap bootstrap(server, root, options);
    const auto finished = bootstrap.wait();
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "the request could not be sent: ENOBUFS (No buffer space"));
    CHECK(contains(finished.errors, "asking again"));
    CHECK(server.polls() == 0);
}
