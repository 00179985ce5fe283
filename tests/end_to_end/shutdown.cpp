#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

TEST_CASE("SIGTERM ends an idle bootstrap with 0") {
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    server.wait_until_idle();
    bootstrap.signal(SIGTERM);
    CHECK(bootstrap.wait(5s).exit == 0);
    CHECK(server.posts().empty());
}

// [not-emulated]: the emulator hears signals late.
TEST_CASE("SIGTERM ends a bootstrap that waits before it asks for an event again",
          "[not-emulated]") {
    RuntimeApiServer server(RuntimeApiServer::Start::later);
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    bootstrap.wait_for_errors("asking again in 3200 ms");
    bootstrap.signal(SIGTERM);
    CHECK(bootstrap.wait(2500ms).exit == 0);
}

TEST_CASE("SIGTERM ends a running program and answers for it before bootstrap ends") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "sleep 60 & echo $! >pid; wait");
    server.add({});
    Bootstrap bootstrap(server, root, "handler");
    const auto child = std::stoi(root.wait_for_file("pid"));
    bootstrap.signal(SIGTERM);
    const auto post = server.next_post();
    CHECK(post.path == error_path());
    CHECK(bootstrap.wait(5s).exit == 0);
    CHECK(eventually([&] { return !is_alive(child); }));
    CHECK(server.polls() == 1);
    CHECK(server.posts().size() == 1);
}

TEST_CASE("SIGTERM ends a program that ignores it and answers for it") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec " + helper("ignore_sigterm") + " " + root.path_of("pid"));
    server.add({});
    Bootstrap bootstrap(server, root, "handler");
    const auto child = std::stoi(root.wait_for_file("pid"));
    const auto start = std::chrono::steady_clock::now();
    bootstrap.signal(SIGTERM);
    CHECK(server.next_post().path == error_path());
    CHECK(bootstrap.wait(5s).exit == 0);
    // Lambda gives an environment with extensions 2 s before SIGKILL.
    CHECK(std::chrono::steady_clock::now() - start < 2s);
    CHECK_FALSE(is_alive(child));
}
