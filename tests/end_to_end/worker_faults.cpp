#include <csignal>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// Workers that do the wrong thing, or the right one at the worst moment.
namespace {

const std::string init_error_path = "/2018-06-01/runtime/init/error";

/// The message that a framed worker cannot start, as shell.
const std::string say_cannot_start =
    R"(printf 'Lambda-Runtime-Function-Error-Type: Broken\r\nContent-Length: 2\r\n\r\n{}')";

/// What a framed worker with one fault makes of event 500, between two that it answers well.
Request answer_with_fault(const std::string& fault) {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec " + helper("broken_worker") + " " + fault);
    for (const auto* number : {"499", "500", "501"})
        server.add(event_of("{\"number\":" + std::string(number) + "}"));
    Bootstrap bootstrap(server, root, "handler", as_framed_worker());
    CHECK(server.next_post().body() == "{\"number\":499}");
    const auto faulty = server.next_post();
    CHECK(server.next_post().body() == "{\"number\":501}");
    return faulty;
}

/// Lets nothing happen in bootstrap for as long as it lives, as Lambda's freezing does.
class Frozen {
  public:
    explicit Frozen(const Bootstrap& bootstrap) : pid_(bootstrap.pid()) { ::kill(pid_, SIGSTOP); }
    Frozen(const Frozen&) = delete;
    Frozen& operator=(const Frozen&) = delete;
    ~Frozen() { ::kill(pid_, SIGCONT); }

  private:
    pid_t pid_;
};

}  // namespace

TEST_CASE("a long reply arrives whole though its worker has ended before it is read") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", worker_loop("echo >begun; while [ ! -e go ]; do sleep 0.01; done\n"
                                       "printf '\"%s\"\\n' \"$(seq -s , 1 60000)\"; exit 0"));
    server.add({});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    root.wait_for_file("begun");
    const auto worker = children_of(bootstrap.pid()).at(0).pid;
    {
        const Frozen frozen(bootstrap);
        root.file("go", "");
        CHECK(eventually([&] { return !is_alive(worker); }));
    }
    std::string wanted = "\"1";
    for (int n = 2; n <= 60000; ++n) wanted += "," + std::to_string(n);
    wanted += '"';
    const auto post = server.next_post();
    CHECK(post.path == response_path());
    CHECK(post.body().size() == wanted.size());
    CHECK((post.body() == wanted));
}

TEST_CASE("a run that ends as its time ends is answered once, whatever it leaves running") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "echo >begun; while [ ! -e go ]; do sleep 0.01; done; echo 1");
    server.add({.time_left = 1500ms});
    Bootstrap bootstrap(server, root, "handler", {{"FORKLIFT_KEEP_BACKGROUND", "true"}});
    root.wait_for_file("begun");
    const auto program = children_of(bootstrap.pid()).at(0).pid;
    {
        const Frozen frozen(bootstrap);
        root.file("go", "");
        CHECK(eventually([&] { return !is_alive(program); }));
        std::this_thread::sleep_for(1500ms);
    }
    CHECK(server.next_post().body() == "1\n");
    server.add({.id = "next"});
    CHECK(server.next_post().path == response_path("next"));
}

TEST_CASE("the init error arrives though its worker ends meanwhile") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", say_cannot_start + "; sleep 0.1; exit 1");
    server.add_post({.manner = Manner::holds});
    Bootstrap bootstrap(server, root, "handler",
                        as_framed_worker({{"FORKLIFT_WAIT_READY", "true"}}));
    const auto post = server.next_post();
    CHECK(post.path == init_error_path);
    CHECK(error_type(post) == "Broken");
    CHECK(eventually([&] { return children_of(bootstrap.pid()).empty(); }));
    server.release();
    const auto finished = bootstrap.wait();
    CHECK(finished.exit == 1);
    CHECK_FALSE(contains(finished.errors, "was not taken"));
}

TEST_CASE("a worker that closes its stdout before it ends is an init error") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "echo why >&2; exec >&-; sleep 0.03; exit 3");
    Bootstrap bootstrap(server, root, "handler",
                        as_framed_worker({{"FORKLIFT_WAIT_READY", "true"}}));
    const auto post = server.next_post();
    CHECK(post.path == init_error_path);
    CHECK(error_type(post) == "Function.WorkerExit");
    CHECK(contains(error_message(post), "exit status 3"));
    CHECK(contains(error_message(post), "why"));
    CHECK(bootstrap.wait().exit == 1);
}

TEST_CASE("the init error arrives though the environment is told to end meanwhile") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exit 3");
    server.add_post({.manner = Manner::holds});
    Bootstrap bootstrap(server, root, "handler",
                        as_framed_worker({{"FORKLIFT_WAIT_READY", "true"}}));
    CHECK(server.next_post().path == init_error_path);
    bootstrap.signal(SIGTERM);
    std::this_thread::sleep_for(100ms);
    server.release();
    const auto finished = bootstrap.wait();
    CHECK(finished.exit == 1);
    CHECK_FALSE(contains(finished.errors, "was not taken"));
}

TEST_CASE("SIGTERM ends a bootstrap whose worker is slow to become ready") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "echo >begun; sleep 60");
    Bootstrap bootstrap(server, root, "handler",
                        as_framed_worker({{"FORKLIFT_WAIT_READY", "true"}}));
    root.wait_for_file("begun");
    const auto family = descendants_of(bootstrap.pid());
    bootstrap.signal(SIGTERM);
    CHECK(bootstrap.wait(5s).exit == 0);
    CHECK(server.requests().empty());
    for (const auto& process : family) CHECK(eventually([&] { return !is_alive(process.pid); }));
}

TEST_CASE("SIGTERM ends an event whose worker is just being replaced") {
    RuntimeApiServer server;
    TaskRoot root;
    // The first one closes its stdin after an event, which is found out by the next.
    root.script("handler",
                "if [ -e second ]; then read -r event; sleep 60; fi; touch second\n"
                "read -r event; echo 1; exec 0<&-; echo >deaf; sleep 60");
    server.add({});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    CHECK(server.next_post().body() == "1");
    root.wait_for_file("deaf");
    server.wait_until_idle();
    server.add({.id = "late"});
    // It is given 100 ms to end before the event is taken back, and 100 ms after that.
    std::this_thread::sleep_for(150ms);
    bootstrap.signal(SIGTERM);
    const auto post = server.next_post();
    CHECK(post.path == error_path("late"));
    CHECK(error_type(post) == "Runtime.Terminated");
    CHECK(bootstrap.wait(5s).exit == 0);
}

TEST_CASE("a worker that leaves its process group does not leave Forklift") {
    const auto* const leave = "$| = 1; setpgrp(0, getpgrp(getppid)); <STDIN>; sleep 60";
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec perl -e '" + std::string(leave) + "'");
    server.add({.time_left = 1500ms});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    CHECK(error_type(server.next_post()) == "Function.Timeout");
    server.wait_until_idle();
    const auto family = descendants_of(bootstrap.pid());
    bootstrap.signal(SIGTERM);
    CHECK(bootstrap.wait(5s).exit == 0);
    for (const auto& process : family) CHECK_FALSE(is_alive(process.pid));
}

TEST_CASE("a worker that leaves its work to a child and ends is replaced, and the child ends") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "{ echo >>started; cat; } <&0 & exit 0");
    server.add({});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    // Which comes first, the event or the worker's end, nobody can say.
    const auto post = server.next_post();
    CHECK(error_type(post) == "Function.WorkerExit");
    CHECK((post.path == error_path() || post.path == init_error_path));
    bootstrap.signal(SIGTERM);
    bootstrap.wait(5s);
}

TEST_CASE("a worker that closes its stdin at its start is the event's error") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec 0<&-; echo >deaf; sleep 60");
    Bootstrap bootstrap(server, root, "handler", as_worker());
    root.wait_for_file("deaf");
    server.add({});
    const auto post = server.next_post();
    CHECK(error_type(post) == "Function.WorkerExit");
    CHECK(contains(error_message(post), "closed its stdin but goes on running"));
}

TEST_CASE("a reply before a large event is read breaks the protocol") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.id = "first"});
    server.add(event_of("\"" + std::string(2 * 1024 * 1024, 'x') + "\""));
    root.script("handler", "read -r event; echo 1; head -c 10 >/dev/null; echo early; sleep 60");
    Bootstrap bootstrap(server, root, "handler", as_worker());
    CHECK(server.next_post().body() == "1");
    const auto post = server.next_post();
    CHECK(error_type(post) == "Function.WorkerProtocol");
    CHECK(contains(error_message(post), "bytes of the event were unread"));
}

TEST_CASE("an answer is posted once though its worker dies and its connection fails") {
    for (const auto manner : {Manner::resets_before_body, Manner::closes_without_answer}) {
        RuntimeApiServer server;
        TaskRoot root;
        root.script("handler", worker_loop("echo $event; exit 1"));
        server.add(event_of("1"));
        server.add({.payload = "2", .id = "next"});
        server.add_post({.manner = manner});
        Bootstrap bootstrap(server, root, "handler", as_worker());
        server.wait_until_idle();
        int answers = 0;
        for (const auto& post : server.posts()) {
            if (post.path == response_path("next")) {
                CHECK(post.body() == "2");
            } else {
                CHECK(post.path == response_path());
                ++answers;
            }
        }
        CHECK(answers == 1);
    }
}

TEST_CASE("a reply to another event than the open one breaks the protocol") {
    const auto post = answer_with_fault("wrong_id");
    CHECK(error_type(post) == "Function.WorkerProtocol");
    CHECK(contains(error_message(post), "answered the request id \"wrong\""));
}

TEST_CASE("a second framed reply to an event is nobody's answer") {
    CHECK(answer_with_fault("two_replies").body() == "{\"number\":500}");
}

TEST_CASE("a frame that is broken breaks the protocol") {
    const auto post = answer_with_fault("bad_chunk");
    CHECK(error_type(post) == "Function.WorkerProtocol");
    CHECK(contains(error_message(post), "chunk"));
}

TEST_CASE("a framed message that nobody asked for replaces an idle worker") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec " + helper("broken_worker") + " writes_while_idle");
    server.add(event_of("{\"idle\":true}"));
    Bootstrap bootstrap(server, root, "handler", as_framed_worker());
    CHECK(server.next_post().body() == "{\"idle\":true}");
    CHECK(contains(bootstrap.wait_for_errors("Function.WorkerProtocol"), "while it was idle"));
    server.add(event_of("{}"));
    CHECK(server.next_post().body() == "{}");
}
