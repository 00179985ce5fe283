#include <csignal>
#include <filesystem>

#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/site.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// What is still there when a child, an event, bootstrap or forklift has ended: nothing.
namespace {

/// Starts a process in a session of its own, whose pid is in the file "escaped".
const std::string escape =
    "setsid sh -c 'echo $$ >escaped.new; mv escaped.new escaped; exec sleep 778' "
    "</dev/null >/dev/null 2>&1 &\nwhile [ ! -e escaped ]; do sleep 0.01; done\n";

pid_t escaped_in(const TaskRoot& root) { return std::stoi(root.wait_for_file("escaped")); }

bool ends(pid_t pid) {
    return eventually([pid] { return !is_alive(pid); }, 5s);
}

}  // namespace

// [not-emulated]: QEMU 7.2 does not know PR_SET_CHILD_SUBREAPER, and /proc shows its own processes.
TEST_CASE("what a program puts into another session ends with it", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    Bootstrap bootstrap(server, root, root.script("handler", escape + "echo 1"));
    CHECK(server.next_post().body() == "1\n");
    server.wait_until_idle();
    CHECK(ends(escaped_in(root)));
    CHECK(children_of(bootstrap.pid()).empty());
}

TEST_CASE("what a program puts into another session may stay", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    Bootstrap bootstrap(server, root, root.script("handler", escape + "echo 1"),
                        {{"FORKLIFT_KEEP_BACKGROUND", "true"}});
    CHECK(server.next_post().body() == "1\n");
    server.wait_until_idle();
    server.add({});
    server.next_post();
    server.wait_until_idle();
    CHECK(is_alive(escaped_in(root)));
    ::kill(escaped_in(root), SIGKILL);
}

TEST_CASE("what a worker puts into another session ends with it", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    auto event = event_of("1");
    event.time_left = 1000ms;
    server.add(event);
    server.add(event_of("2"));
    root.script("handler",
                worker_loop("if [ $event = 1 ]; then " + escape + "sleep 60; fi; echo $event"));
    Bootstrap bootstrap(server, root, "handler", as_worker());
    CHECK(error_type(server.next_post()) == "Function.Timeout");
    CHECK(server.next_post().body() == "2");
    CHECK(ends(escaped_in(root)));
}

TEST_CASE("what a worker puts into another session may stay", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add(event_of("1"));
    server.add(event_of("2"));
    root.script("handler",
                worker_loop("if [ $event = 1 ]; then " + escape + "exit 1; fi; echo $event"));
    Bootstrap bootstrap(server, root, "handler", as_worker({{"FORKLIFT_KEEP_BACKGROUND", "true"}}));
    CHECK(error_type(server.next_post()) == "Function.WorkerExit");
    CHECK(server.next_post().body() == "2");
    server.wait_until_idle();
    CHECK(is_alive(escaped_in(root)));
    ::kill(escaped_in(root), SIGKILL);
}

TEST_CASE("what a web server puts into another session ends with it", "[not-emulated]") {
    if (!has_tool("python3")) return;
    Site site(Variables{{"FORKLIFT_COMMAND", "sh run.sh"}});
    site.root.file("run.sh", escape + "exec python3 server.py\n");
    site.pid();
    const auto escaped = escaped_in(site.root);
    CHECK(is_alive(escaped));
    CHECK(site.error(web("GET", "/die")).text("/errorType") == "Function.ServerExit");
    site.pid();
    CHECK(ends(escaped));
}

TEST_CASE("what has cleared its environment ends with the program it comes from",
          "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    Bootstrap bootstrap(
        server, root,
        root.script("handler",
                    "env -i setsid sh -c 'echo $$ >escaped.new; mv escaped.new escaped; "
                    "exec sleep 778' </dev/null >/dev/null 2>&1 &\n"
                    "while [ ! -e escaped ]; do sleep 0.01; done; echo 1"));
    CHECK(server.next_post().body() == "1\n");
    server.wait_until_idle();
    CHECK(ends(escaped_in(root)));
}

TEST_CASE("a server that goes to the background without its environment leaves the port free",
          "[not-emulated]") {
    if (!has_tool("python3")) return;
    Site site(Variables{{"FORKLIFT_COMMAND", "sh run.sh"}});
    site.root.file("run.sh",
                   "env -i PATH=\"$PATH\" PORT=$PORT setsid python3 server.py &\n"
                   "while [ ! -e go ]; do sleep 0.01; done; rm go");
    const auto first = site.pid();
    site.root.file("go", "");
    CHECK(ends(std::stoi(first)));
    CHECK(site.pid() != first);
}

TEST_CASE("a server that may stay in the background is named when it keeps the port",
          "[not-emulated]") {
    if (!has_tool("python3")) return;
    Site site(Variables{{"FORKLIFT_COMMAND", "sh run.sh"}, {"FORKLIFT_KEEP_BACKGROUND", "true"}});
    site.root.file("run.sh",
                   "setsid python3 server.py &\nwhile [ ! -e go ]; do sleep 0.01; done; rm go");
    const auto first = site.pid();
    site.root.file("go", "");
    CHECK(eventually([&] { return !std::filesystem::exists(site.root.path_of("go")); }));
    const auto error = site.error(web("GET", "/pid"));
    CAPTURE(error.text("/errorMessage"));
    CHECK(error.text("/errorType") == "Runtime.PortTaken");
    CHECK(contains(error.text("/errorMessage"), "pid " + first + " ("));
    CHECK(contains(error.text("/errorMessage"), "which the server before this one has left"));
    ::kill(std::stoi(first), SIGKILL);
}

// [not-emulated]: an emulator has no parent-death signal.
TEST_CASE("a program does not outlive a bootstrap that is killed", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    Bootstrap bootstrap(server, root, root.script("handler", "echo $$ >pid; exec sleep 778"));
    root.wait_for_file("pid");
    CHECK(eventually([&] { return !read_file(root.path_of("pid")).empty(); }));
    const auto program = std::stoi(read_file(root.path_of("pid")));
    ::kill(-bootstrap.pid(), SIGKILL);
    CHECK(ends(program));
}

TEST_CASE("a worker does not outlive a bootstrap that is killed", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add(event_of("1"));
    Bootstrap bootstrap(server, root, root.script("handler", worker_loop("echo $$")), as_worker());
    const auto worker = std::stoi(server.next_post().body());
    ::kill(-bootstrap.pid(), SIGKILL);
    CHECK(ends(worker));
}

TEST_CASE("everything ends with a bootstrap that is hung up on", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    Bootstrap bootstrap(server, root, root.script("handler", escape + "echo $$ >pid; sleep 778"));
    const auto escaped = escaped_in(root);
    root.wait_for_file("pid");
    const auto before = descendants_of(bootstrap.pid());
    bootstrap.signal(SIGHUP);
    bootstrap.wait(5s);
    for (const auto& process : before) CHECK_FALSE(is_alive(process.pid));
    CHECK_FALSE(is_alive(escaped));
}

TEST_CASE("nothing outlives a forklift serve that is killed", "[not-emulated]") {
    TaskRoot root;
    root.script("slow", escape + "echo $$ >pid.new; mv pid.new pid; exec sleep 778");
    ForkliftServe serve({root.path_of("slow")});
    auto stream = HttpStream::connect(serve.port());
    stream.write(
        "POST /2015-03-31/functions/slow/invocations HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Length: 2\r\n\r\n{}");
    const auto program = std::stoi(root.wait_for_file("pid"));
    const auto all = descendants_of(serve.pid());
    CHECK(all.size() >= 2);
    serve.signal(SIGKILL);
    for (const auto& process : all) CHECK(ends(process.pid));
    CHECK(ends(program));
    CHECK(ends(escaped_in(root)));
}
