#include <fcntl.h>
#include <sys/ioctl.h>

#include <csignal>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/file_descriptor.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/tested_programs.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// A worker's worst days, and that nothing is lost on them.
namespace {

/// Does what the event says, as shell: "echo 1".
const std::string obedient = worker_loop("eval \"$(printf %s \"$event\" | tr -d '\"')\"");

Event order(const std::string& lines) {
    Event event;
    event.payload = "\"" + lines + "\"";
    return event;
}

/// A bootstrap with an obedient worker.
struct Obedient {
    explicit Obedient(const Variables& options = {})
        : bootstrap(server, root, root.script("handler", obedient), as_worker(options)) {}

    Request tell(const std::string& lines) {
        server.add(order(lines));
        return server.next_post();
    }

    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap;
};

/// The worker of a bootstrap that has one.
pid_t worker_of(const Bootstrap& bootstrap) {
    pid_t worker = 0;
    eventually([&] {
        const auto children = children_of(bootstrap.pid());
        if (children.size() != 1 || children[0].state == 'Z') return false;
        worker = children[0].pid;
        return true;
    });
    return worker;
}

/// What stands in the pipe that is a process's stdin.
int bytes_on_stdin_of(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/fd/0";
    const FileDescriptor pipe(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    int count = 0;
    ::ioctl(pipe.get(), FIONREAD, &count);
    return count;
}

}  // namespace

TEST_CASE("a worker that ends in an event is the event's error and is replaced") {
    Obedient function;
    const auto first = function.tell("echo $$").body();
    const auto exited = function.tell("echo why >&2; exit 3");
    CHECK(exited.path == error_path());
    CHECK(error_type(exited) == "Function.WorkerExit");
    CHECK(contains(error_message(exited), "exit status 3"));
    CHECK(contains(error_message(exited), "why"));
    CHECK(Json(exited.body()).texts("/stackTrace") == std::vector<std::string>{"why"});
    const auto killed = function.tell("kill -KILL $$");
    CHECK(error_type(killed) == "Function.WorkerExit");
    CHECK(contains(error_message(killed), "SIGKILL"));
    const auto last = function.tell("echo $$");
    CHECK(last.path == response_path());
    CHECK(last.body() != first);
}

TEST_CASE("a worker that ends in the middle of its reply is the event's error") {
    Obedient function;
    const auto post = function.tell("printf half; exit 0");
    CHECK(error_type(post) == "Function.WorkerExit");
    CHECK(contains(error_message(post), "in the middle of a reply (4 bytes"));
}

TEST_CASE("a worker that dies while idle is replaced before the next event") {
    Obedient function;
    function.tell("echo $$");
    function.server.wait_until_idle();
    const pid_t first = worker_of(function.bootstrap);
    ::kill(first, SIGKILL);
    pid_t second = 0;
    CHECK(eventually([&] {
        second = worker_of(function.bootstrap);
        return second != 0 && second != first;
    }));
    CHECK(function.tell("echo $$").body() == std::to_string(second));
    CHECK(contains(function.bootstrap.wait_for_errors("SIGKILL"), "while it was idle"));
}

TEST_CASE("an event that a dead worker had not begun to read goes to its successor") {
    Obedient function;
    function.tell("echo $$");
    function.server.wait_until_idle();
    const pid_t worker = worker_of(function.bootstrap);
    // Stopped, it cannot read; the event waits in its pipe when it is killed.
    ::kill(worker, SIGSTOP);
    REQUIRE(eventually([&] { return children_of(function.bootstrap.pid())[0].state == 'T'; }));
    function.server.add(order("echo found"));
    REQUIRE(eventually([&] { return bytes_on_stdin_of(worker) > 0; }));
    ::kill(worker, SIGKILL);
    const auto post = function.server.next_post();
    CHECK(post.path == response_path());
    CHECK(post.body() == "\"found\"");
}

TEST_CASE("a worker that hangs is stopped before the deadline and replaced") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler",
                worker_loop("case $event in 1) echo >began; echo half >&2; printf half; sleep 60;; "
                            "*) echo $event;; esac"));
    server.add({.payload = "1", .time_left = 1500ms});
    server.add({.payload = "2"});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    // Its deadline is no later than this and the time it had.
    root.wait_for_file("began");
    const auto start = std::chrono::system_clock::now();
    const auto post = server.next_post();
    CHECK(error_type(post) == "Function.Timeout");
    CHECK(contains(error_message(post), "had written 4 bytes of a reply that was not complete"));
    CHECK(post.received - start < 1500ms);
    CHECK(server.next_post().body() == "2");
    server.wait_until_idle();
    // The sleep was in the worker's process group.
    CHECK(eventually([&] { return descendants_of(bootstrap.pid()).size() == 1; }));
}

TEST_CASE("a worker that ignores SIGTERM is killed before the deadline") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "trap '' TERM\n" + worker_loop("echo >began; sleep 60"));
    server.add({.time_left = 1500ms});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    root.wait_for_file("began");
    const auto start = std::chrono::system_clock::now();
    const auto post = server.next_post();
    CHECK(error_type(post) == "Function.Timeout");
    CHECK(post.received - start < 1500ms);
}

TEST_CASE("a worker that floods its reply is stopped at its time and costs no memory") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", worker_loop("exec tr '\\\\0' x </dev/zero"));
    server.add({.time_left = 1500ms});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    CHECK(error_type(server.next_post()) == "Function.Timeout");
    if (!is_sanitized()) CHECK(peak_resident_kib_of(bootstrap.pid()) < 32 * 1024);
}

TEST_CASE("two lines for one event are an error and never the next one's answer") {
    Obedient function;
    // In one write, where a shell makes two: the first line alone would be the answer.
    const auto two_lines = [&](const std::string& text) {
        return function.tell("perl -e 'syswrite(STDOUT, join(chr(10), qw(" + text + "), q()))'");
    };
    const auto first = two_lines("one two");
    CHECK(error_type(first) == "Function.WorkerProtocol");
    CHECK(contains(error_message(first), "\"one\" besides its reply to the first event"));
    CHECK(function.tell("echo two").body() == "\"two\"");
    const auto later = two_lines("three four");
    CHECK(error_type(later) == "Function.WorkerProtocol");
    CHECK(contains(error_message(later), "more than one line"));
    CHECK(function.tell("echo three").body() == "\"three\"");
}

TEST_CASE("a worker that writes while idle is replaced") {
    Obedient function;
    const auto first = function.tell("{ sleep 0.2; echo late; } & echo $$").body();
    CHECK(contains(function.bootstrap.wait_for_errors("no event was open"), "while it was idle"));
    const auto next = function.tell("echo $$");
    CHECK(next.path == response_path());
    CHECK(next.body() != first);
}

TEST_CASE("a worker that closes its stdout and goes on is replaced") {
    Obedient function;
    const auto post = function.tell("exec >&-; sleep 60");
    CHECK(error_type(post) == "Function.WorkerExit");
    CHECK(contains(error_message(post), "closed its stdout"));
    CHECK(function.tell("echo 2").body() == "2");
}

TEST_CASE("a worker that closes its stdin answers what it has read and is replaced") {
    Obedient function;
    CHECK(function.tell("exec 0<&-; echo last").body() == "\"last\"");
    CHECK(function.tell("echo 2").body() == "2");
}

TEST_CASE("what a worker leaves in its process group ends with it") {
    Obedient function;
    function.tell("sleep 60 & echo $! >pid; echo 1");
    const auto left = std::stoi(function.root.wait_for_file("pid"));
    CHECK(is_alive(left));
    function.tell("exit 1");
    CHECK(eventually([&] { return !is_alive(left); }));
}

TEST_CASE("a worker that never lived is an init error") {
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "echo no config >&2; exit 78"),
                        as_worker());
    const auto post = server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    CHECK(error_type(post) == "Function.WorkerExit");
    CHECK(contains(error_message(post), "exit status 78"));
    CHECK(contains(error_message(post), "no config"));
    CHECK(bootstrap.wait().exit == 1);
}

// [not-emulated]: QEMU makes a fork of the vfork that starts a program, which then never learns
// that exec failed.
TEST_CASE("a worker that cannot be started is an init error before any event is asked for",
          "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    root.executable("handler", "#!/no/such/interpreter\n");
    Bootstrap bootstrap(server, root, "handler", as_worker());
    const auto post = server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    CHECK(error_type(post) == "Runtime.SpawnFailed");
    CHECK(bootstrap.wait().exit == 1);
    CHECK(server.polls() == 0);
}

TEST_CASE("workers that die young are followed after growing pauses") {
    RuntimeApiServer server;
    TaskRoot root;
    // Lives for one event; after that its successors die at once.
    root.script("handler", "date +%s%N >>starts\n[ -e dead ] && exit 1\n" +
                               worker_loop("touch dead; echo 1; exit 0"));
    server.add({});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    CHECK(server.next_post().body() == "1");
    std::vector<std::int64_t> starts;
    REQUIRE(eventually([&] {
        starts.clear();
        std::istringstream lines(read_file(root.path_of("starts")));
        for (std::int64_t start = 0; lines >> start;) starts.push_back(start);
        return starts.size() >= 6;
    }));
    const auto pause = [&](std::size_t n) { return (starts[n + 1] - starts[n]) / 1'000'000; };
    // 100, 200 and 400 ms, each within a quarter, and what a start takes.
    CHECK(pause(1) >= 75);
    CHECK(pause(2) >= 150);
    CHECK(pause(3) >= 300);
    CHECK(pause(4) >= 600);
}

TEST_CASE("an event does not wait for the pause before the next worker") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "[ -e alive ] || exit 1\n" + worker_loop("echo 1"));
    server.add({});
    Bootstrap bootstrap(server, root, "handler", as_worker());
    // The first worker dies with the first event, or as its init error; an event comes first here.
    const auto first = server.next_post();
    if (first.path != error_path()) return;
    for (int n = 0; n < 6; ++n) {
        server.add({});
        CHECK(error_type(server.next_post()) == "Function.WorkerExit");
    }
    root.file("alive", "");
    server.add({});
    const auto start = std::chrono::steady_clock::now();
    CHECK(server.next_post().body() == "1");
    CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE("a worker is followed by another after max_requests events") {
    Obedient function(Variables{{"FORKLIFT_MAX_REQUESTS", "3"}});
    std::vector<std::string> pids;
    for (int n = 0; n < 9; ++n) pids.push_back(function.tell("echo $$").body());
    CHECK(std::set<std::string>(pids.begin(), pids.end()).size() == 3);
    CHECK(pids[0] == pids[2]);
    CHECK(pids[3] == pids[5]);
    function.server.wait_until_idle();
    CHECK(eventually([&] { return children_of(function.bootstrap.pid()).size() == 1; }));
}

TEST_CASE("the successor is started before it is needed") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "echo $$ >>starts\n" + worker_loop("echo $$"));
    Bootstrap bootstrap(server, root, "handler", as_worker({{"FORKLIFT_MAX_REQUESTS", "2"}}));
    server.add({});
    server.next_post();
    // One event is left to the first worker, and the second one has started.
    CHECK(eventually([&] {
        const auto starts = read_file(root.path_of("starts"));
        return std::count(starts.begin(), starts.end(), '\n') == 2;
    }));
    CHECK(children_of(bootstrap.pid()).size() == 2);
}

TEST_CASE("a worker is followed by another when it is old or large") {
    Obedient old(Variables{{"FORKLIFT_MAX_AGE", "1ms"}});
    CHECK(old.tell("sleep 0.01; echo $$").body() != old.tell("echo $$").body());
    CHECK(contains(old.bootstrap.wait_for_errors("max_age"), "another worker follows"));
    Obedient large(Variables{{"FORKLIFT_MAX_RSS", "4096"}});
    CHECK(large.tell("echo $$").body() != large.tell("echo $$").body());
    CHECK(contains(large.bootstrap.wait_for_errors("max_rss"), "another worker follows"));
}

TEST_CASE("a worker that is recycled sees end of file and may finish its work") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", worker_loop("echo 1") + "\necho finished >finished");
    Bootstrap bootstrap(server, root, "handler", as_worker({{"FORKLIFT_MAX_REQUESTS", "1"}}));
    server.add({});
    server.next_post();
    CHECK(root.wait_for_file("finished") == "finished\n");
}

TEST_CASE("SIGTERM ends an idle bootstrap and its worker") {
    Obedient function;
    function.tell("echo 1");
    function.server.wait_until_idle();
    const pid_t worker = worker_of(function.bootstrap);
    function.bootstrap.signal(SIGTERM);
    CHECK(function.bootstrap.wait(5s).exit == 0);
    CHECK_FALSE(is_alive(worker));
}

TEST_CASE("SIGTERM ends a worker in an event and answers for it") {
    Obedient function;
    function.server.add(order("echo begun >begun; sleep 60"));
    function.root.wait_for_file("begun");
    const auto family = descendants_of(function.bootstrap.pid());
    const auto start = std::chrono::steady_clock::now();
    function.bootstrap.signal(SIGTERM);
    CHECK(error_type(function.server.next_post()) == "Runtime.Terminated");
    CHECK(function.bootstrap.wait(5s).exit == 0);
    CHECK(std::chrono::steady_clock::now() - start < 2s);
    for (const auto& process : family) CHECK(eventually([&] { return !is_alive(process.pid); }));
}

TEST_CASE("kill -9 at random moments: every event gets its own answer or one error") {
    const int count = is_sanitized() ? 1000 : 10'000;
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root,
                        root.script("handler", worker_loop("printf '%s\\n' \"$event\"")),
                        as_worker());
    for (int n = 0; n < count; ++n) {
        const std::string id = "event-" + std::to_string(n);
        server.add({.payload = "{\"id\":\"" + id + "\"}", .id = id});
    }
    int kills = 0;
    std::minstd_rand random(20260101);
    std::uniform_int_distribution<int> microseconds(0, 8000);
    // A first worker that is killed before any event has come would be an init error.
    server.next_post();
    CHECK(eventually(
        [&] {
            for (const auto& child : children_of(bootstrap.pid()))
                kills += ::kill(child.pid, SIGKILL) == 0;
            std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
            return static_cast<int>(server.posts().size()) == count;
        },
        100s));
    server.wait_until_idle();

    std::map<std::string, int> answers;
    int wrong = 0;
    int errors = 0;
    for (const auto& post : server.posts()) {
        const auto begin = post.path.find("event-");
        const std::string id = post.path.substr(begin, post.path.rfind('/') - begin);
        ++answers[id];
        if (post.path == response_path(id)) {
            wrong += post.body() != "{\"id\":\"" + id + "\"}";
        } else {
            ++errors;
            wrong += error_type(post) != "Function.WorkerExit";
        }
    }
    CHECK(static_cast<int>(answers.size()) == count);
    CHECK(static_cast<int>(server.posts().size()) == count);
    CHECK(wrong == 0);
    CHECK(kills > 50);
    CHECK(errors > 0);
    CHECK(errors <= kills);
}

TEST_CASE("a thousand recycled workers leave no zombie, no descriptor and no memory") {
    const int count = is_sanitized() ? 200 : 1000;
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", worker_loop("echo 1")),
                        as_worker({{"FORKLIFT_MAX_REQUESTS", "1"}}));
    server.add_many(100, {});
    server.wait_until_idle();
    const auto one_worker = [&] { return children_of(bootstrap.pid()).size() == 1; };
    REQUIRE(eventually(one_worker));
    const int descriptors = open_descriptors_of(bootstrap.pid());
    const long resident = resident_kib_of(bootstrap.pid());
    server.add_many(count, {});
    server.wait_until_idle();
    CHECK(eventually(one_worker));
    CHECK(zombies_of(bootstrap.pid()) == 0);
    CHECK(eventually([&] { return open_descriptors_of(bootstrap.pid()) == descriptors; }));
    if (!is_sanitized()) CHECK(resident_kib_of(bootstrap.pid()) - resident < 512);
    CHECK(static_cast<int>(server.posts().size()) == 100 + count);
}
