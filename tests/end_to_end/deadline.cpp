#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// Programs that will not end by themselves, and the answer that must come in time all the same.
namespace {

/// A wide margin, so that a busy machine does not decide the test.
const Variables wide_margin{{"FORKLIFT_STOP_MARGIN", "1500ms"}, {"FORKLIFT_STOP_GRACE", "200ms"}};

/// The answer to a program that has `time`, which must come before the time is up.
Request answer_in_time(const TaskRoot& root, const std::string& handler,
                       std::chrono::milliseconds time = 3s) {
    Event event;
    event.time_left = time;
    const auto start = std::chrono::system_clock::now();
    const auto posted = answer_to(event, root, handler, wide_margin);
    CHECK(posted.request.received - start < time);
    return posted.request;
}

void check_timeout(const Request& request) {
    CHECK(request.path == error_path());
    CHECK(request.header("Lambda-Runtime-Function-Error-Type") == "Function.Timeout");
}

std::string exec_helper(const std::string& command) { return "exec " + helper(command); }

}  // namespace

TEST_CASE("a program that ignores SIGTERM is killed and answered for") {
    TaskRoot root;
    root.script("handler", exec_helper("ignore_sigterm " + root.path_of("pid")));
    check_timeout(answer_in_time(root, "handler"));
    const auto pid = std::stoi(root.wait_for_file("pid"));
    CHECK(eventually([&] { return !is_alive(pid); }));
}

TEST_CASE("a program has its grace between SIGTERM and the end") {
    TaskRoot root;
    root.script("handler",
                "trap 'echo cleaning up >&2; touch cleaned; exit 0' TERM; sleep 30 & wait");
    const auto request = answer_in_time(root, "handler");
    check_timeout(request);
    CHECK(Json(request.body()).texts("/stackTrace") == std::vector<std::string>{"cleaning up"});
    CHECK(std::filesystem::exists(root.path_of("cleaned")));
}

TEST_CASE("the answer does not wait for a grandchild that holds stdout") {
    TaskRoot root;
    root.script("handler", exec_helper("hold_stdout group " + root.path_of("pid")));
    const auto request = answer_in_time(root, "handler", 20s);
    CHECK(request.path == response_path());
    CHECK(request.body() == "\"answered\"\n");
    const auto pid = std::stoi(root.wait_for_file("pid"));
    CHECK(eventually([&] { return !is_alive(pid); }));
}

TEST_CASE("the answer does not wait for a grandchild that left the process group") {
    TaskRoot root;
    root.script("handler", exec_helper("hold_stdout setsid " + root.path_of("pid")));
    const auto request = answer_in_time(root, "handler", 20s);
    CHECK(request.path == response_path());
    CHECK(request.body() == "\"answered\"\n");
    ::kill(std::stoi(root.wait_for_file("pid")), SIGKILL);
}

// [not-emulated]: QEMU 7.2 does not know PR_SET_CHILD_SUBREAPER.
TEST_CASE("an orphan that escaped is adopted and reaped when it ends", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", exec_helper("hold_stdout setsid " + root.path_of("pid")));
    server.add({});
    Bootstrap bootstrap(server, root, "handler", {{"FORKLIFT_KEEP_BACKGROUND", "true"}});
    server.next_post();
    server.wait_until_idle();
    const auto orphan = std::stoi(root.wait_for_file("pid"));
    CHECK(children_of(bootstrap.pid()).size() == 1);
    CHECK(children_of(bootstrap.pid()).at(0).pid == orphan);
    ::kill(orphan, SIGKILL);
    server.add({});
    server.next_post();
    server.wait_until_idle();
    CHECK(eventually([&] { return zombies_of(bootstrap.pid()) == 0; }));
    ::kill(std::stoi(root.wait_for_file("pid")), SIGKILL);
}

TEST_CASE("what a program leaves in its group ends with it") {
    TaskRoot root;
    root.script("handler", "sleep 60 >/dev/null 2>&1 </dev/null & echo $! >pid; echo '\"done\"'");
    const auto request = answer_in_time(root, "handler", 20s);
    CHECK(request.body() == "\"done\"\n");
    const auto pid = std::stoi(root.wait_for_file("pid"));
    CHECK(eventually([&] { return !is_alive(pid); }));
}

TEST_CASE("what a stopped program left in its group ends with it") {
    TaskRoot root;
    root.script("handler", helper("ignore_sigterm") + " " + root.path_of("pid") + " & exec " +
                               helper("ignore_sigterm"));
    check_timeout(answer_in_time(root, "handler"));
    const auto pid = std::stoi(root.wait_for_file("pid"));
    CHECK(eventually([&] { return !is_alive(pid); }));
}

TEST_CASE("a program that closes all its streams and stays is stopped in time") {
    TaskRoot root;
    root.script("handler", "exec sleep 30 <&- >&- 2>&-");
    check_timeout(answer_in_time(root, "handler"));
}

TEST_CASE("a program that closes stdout and answers nothing more still ends when it ends") {
    TaskRoot root;
    root.script("handler", "echo 1; exec >&- 2>&-; sleep 0.3; exit 4");
    CHECK(answer_in_time(root, "handler").header("Lambda-Runtime-Function-Error-Type") ==
          "Function.ExitStatus");
}

TEST_CASE("a program that floods stderr without end is stopped in time") {
    TaskRoot root;
    root.script("handler", "exec yes 1>&2");
    const auto request = answer_in_time(root, "handler");
    check_timeout(request);
    CHECK(request.body().size() < 100'000);
}

TEST_CASE("a program that floods stdout without end is ended at the limit") {
    TaskRoot root;
    const auto request = answer_in_time(root, root.script("handler", "exec yes"), 20s);
    CHECK(request.header("Lambda-Runtime-Function-Error-Type") == "Function.ResponseSizeTooLarge");
}

TEST_CASE("a program that stops itself is killed in time") {
    TaskRoot root;
    check_timeout(answer_in_time(root, root.script("handler", "kill -STOP $$; echo 1")));
}

TEST_CASE("a program that forks without end in its group is ended with all its children") {
    TaskRoot root;
    root.script("handler", "trap '' TERM; while :; do sleep 60 & sleep 0.05; done");
    RuntimeApiServer server;
    Event event;
    event.time_left = 3s;
    server.add(event);
    Bootstrap bootstrap(server, root, "handler", wide_margin);
    check_timeout(server.next_post());
    server.wait_until_idle();
    CHECK(eventually([&] { return descendants_of(bootstrap.pid()).empty(); }));
}

TEST_CASE("an event whose deadline has passed is answered and the next one runs") {
    RuntimeApiServer server;
    TaskRoot root;
    Event late;
    late.time_left = -5s;
    server.add(late);
    server.add({.payload = "2", .id = "second"});
    Bootstrap bootstrap(server, root, root.script("handler", "touch ran-$(cat)"));
    check_timeout(server.next_post());
    CHECK(server.next_post().path == response_path("second"));
}

TEST_CASE("an event without a deadline runs as long as it likes") {
    Event event;
    event.time_left = std::nullopt;
    CHECK(answer_of_script("sleep 0.5; echo 1", {}, event).request.body() == "1\n");
}

TEST_CASE("a deadline that is no number is no deadline") {
    Event event;
    event.time_left = std::nullopt;
    event.headers = {{"Lambda-Runtime-Deadline-Ms", "soon"}};
    CHECK(answer_of_script("echo 1", {}, event).request.body() == "1\n");
}

TEST_CASE("a very far deadline is a deadline like any other") {
    for (const auto* deadline : {"9223372036854775807", "99999999999999", "-1", "0"}) {
        Event event;
        event.time_left = std::nullopt;
        event.headers = {{"Lambda-Runtime-Deadline-Ms", deadline}};
        const auto request = answer_of_script("echo 1", {}, event).request;
        CAPTURE(deadline);
        if (deadline[0] == '9')
            CHECK(request.body() == "1\n");
        else
            check_timeout(request);
    }
}

TEST_CASE("the margin is the one asked for") {
    Event event;
    event.time_left = 4s;
    const auto start = std::chrono::system_clock::now();
    const auto posted = answer_of_script("sleep 30", {{"FORKLIFT_STOP_MARGIN", "3s"}}, event);
    check_timeout(posted.request);
    CHECK(posted.request.received - start >= 900ms);
    CHECK(posted.request.received - start < 3s);
}
