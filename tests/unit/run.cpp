#include "process/run.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <optional>

#include "tests/support/eventually.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift;
using namespace std::chrono_literals;
using process::Run;
using process::RunLimits;
using process::SpawnError;

namespace {

namespace asio = boost::asio;
using Result = std::variant<Run, SpawnError>;

const process::StopLadder ladder{{SIGTERM, 200ms}, {SIGKILL, 2000ms}};

struct Collector : process::StderrSink {
    void write(std::string_view more) override { text.append(more); }
    std::string text;
};

process::Command shell(const std::string& line) {
    return {"/bin/sh", {"sh", "-c", line}, process::Environment::of_this_process(), ""};
}

/// Runs a command to its end in a loop of its own; stops it from outside after `stop_after`.
Result run(const process::Command& command, std::string_view input, RunLimits limits,
           std::string* errors = nullptr, std::chrono::milliseconds stop_after = 0ms) {
    asio::io_context loop;
    process::Reaper reaper;
    process::StopSwitch stop_switch;
    std::optional<Result> result;
    Collector collector;
    asio::steady_timer timer(loop, stop_after);
    if (stop_after > 0ms)
        timer.async_wait([&](boost::system::error_code error) {
            if (!error) stop_switch.stop();
        });
    asio::co_spawn(loop, process::run(reaper, command, input, limits, collector, stop_switch),
                   [&](std::exception_ptr trouble, Result ended) {
                       timer.cancel();
                       if (trouble) std::rethrow_exception(trouble);
                       result = std::move(ended);
                   });
    loop.run();
    if (errors) *errors = collector.text;
    return *result;
}

Run run_well(const process::Command& command, std::string_view input = "", RunLimits limits = {},
             std::string* errors = nullptr) {
    auto result = run(command, input, std::move(limits), errors);
    REQUIRE(std::holds_alternative<Run>(result));
    return std::get<Run>(result);
}

RunLimits stop_in(std::chrono::milliseconds time) {
    RunLimits limits;
    limits.stop_at = std::chrono::steady_clock::now() + time;
    limits.ladder = ladder;
    return limits;
}

}  // namespace

TEST_CASE("a run gives its input to stdin and its stdout back") {
    std::string input(3 * 1024 * 1024, 'i');
    input[5] = '\0';
    const auto ended = run_well(shell("cat"), input);
    CHECK(ended.output == input);
    CHECK(ended.status == process::ExitStatus(process::Exited{0}));
    CHECK_FALSE(ended.timed_out);
    CHECK_FALSE(ended.too_much_output);
}

TEST_CASE("a run hands stderr on as it stands and keeps its tail") {
    std::string errors;
    const auto ended =
        run_well(shell("printf 'one\\ntw' >&2; printf 'o' >&2; exit 3"), "", {}, &errors);
    CHECK(errors == "one\ntwo");
    CHECK(ended.stderr_tail == std::vector<std::string>{"one", "two"});
    CHECK(ended.status == process::ExitStatus(process::Exited{3}));
}

TEST_CASE("a run that is killed by a signal says which") {
    CHECK(run_well(shell("kill -USR1 $$")).status ==
          process::ExitStatus(process::Signaled{SIGUSR1, false}));
}

TEST_CASE("a run ends at its time although it ignores SIGTERM") {
    const auto begin = std::chrono::steady_clock::now();
    const auto ended =
        run_well({test::helper("ignore_sigterm"), {}, process::Environment::of_this_process(), ""},
                 "", stop_in(300ms));
    CHECK(ended.timed_out);
    CHECK(ended.status == process::ExitStatus(process::Signaled{SIGKILL, false}));
    CHECK(std::chrono::steady_clock::now() - begin >= 450ms);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a run that heeds SIGTERM may still speak") {
    const auto ended = run_well(
        shell("trap 'echo goodbye; exit 0' TERM; echo hello; sleep 30 & wait"), "", stop_in(300ms));
    CHECK(ended.timed_out);
    CHECK(ended.output == "hello\ngoodbye\n");
}

TEST_CASE("a run whose time is up before it begins still ends") {
    const auto ended = run_well(shell("sleep 30"), "", stop_in(-5s));
    CHECK(ended.timed_out);
}

TEST_CASE("a run ends when it is stopped from outside") {
    RunLimits limits;
    limits.ladder = ladder;
    const auto result = run(shell("sleep 30"), "", limits, nullptr, 200ms);
    const auto& ended = std::get<Run>(result);
    CHECK(ended.stopped);
    CHECK_FALSE(ended.timed_out);
    CHECK(ended.status == process::ExitStatus(process::Signaled{SIGTERM, false}));
}

TEST_CASE("a run may write as much as it may and not a byte more") {
    RunLimits limits;
    limits.ladder = ladder;
    limits.max_output = 100'000;
    const auto enough = run_well(shell("head -c 100000 /dev/zero"), "", limits);
    CHECK(enough.output.size() == 100'000);
    CHECK_FALSE(enough.too_much_output);
    const auto more = run_well(shell("head -c 100001 /dev/zero"), "", limits);
    CHECK(more.too_much_output);
    const auto endless = run_well(shell("cat /dev/zero"), "", limits);
    CHECK(endless.too_much_output);
    CHECK(endless.output.size() < 10'000'000);
}

TEST_CASE("a descendant in the group that holds stdout is killed") {
    const test::TaskRoot root;
    const auto file = root.path_of("pid");
    const auto ended = run_well({test::helper("hold_stdout"),
                                 {"hold_stdout", "group", file},
                                 process::Environment::of_this_process(),
                                 ""});
    CHECK(ended.output == "\"answered\"\n");
    CHECK(process::is_success(ended.status));
    const auto pid = std::stoi(test::read_file(file));
    CHECK(test::eventually([&] { return !test::is_alive(pid); }));
}

TEST_CASE("a descendant that left the group does not hold the run up") {
    const test::TaskRoot root;
    const auto file = root.path_of("pid");
    const auto begin = std::chrono::steady_clock::now();
    const auto ended = run_well({test::helper("hold_stdout"),
                                 {"hold_stdout", "setsid", file},
                                 process::Environment::of_this_process(),
                                 ""});
    ::kill(std::stoi(test::read_file(file)), SIGKILL);
    CHECK(ended.output == "\"answered\"\n");
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a run starts in its folder with its arguments and its environment alone") {
    process::Environment environment;
    environment.set("ONLY", "this one");
    const auto ended =
        run_well({"/bin/sh", {"zero", "-c", "pwd; echo $0 $1; env", "a  b"}, environment, "/usr"});
    CHECK(ended.output.starts_with("/usr\na b\n"));
    CHECK(test::contains(ended.output, "ONLY=this one\n"));
    CHECK_FALSE(test::contains(ended.output, "HOME="));
}

TEST_CASE("a program that is not there is a spawn error in words") {
    const process::Command command{"/no/such/program", {}, {}, ""};
    const auto result = run(command, "", {});
    REQUIRE(std::holds_alternative<SpawnError>(result));
    const auto& error = std::get<SpawnError>(result);
    CHECK(error.stage == process::SpawnStage::execute);
    CHECK(error.error == ENOENT);
    const auto words = process::describe(error, command);
    CHECK(test::contains(words, "/no/such/program"));
    CHECK(test::contains(words, "ENOENT"));
}

TEST_CASE("a folder that is not there is named and not the program") {
    const process::Command command{"/bin/sh", {}, {}, "/no/such/folder"};
    const auto result = run(command, "", {});
    REQUIRE(std::holds_alternative<SpawnError>(result));
    CHECK(std::get<SpawnError>(result).stage == process::SpawnStage::directory);
    CHECK(test::contains(process::describe(std::get<SpawnError>(result), command),
                         "/no/such/folder"));
}

TEST_CASE("a script whose interpreter is missing names the interpreter") {
    test::TaskRoot root;
    root.executable("lost", "#!/usr/bin/no-such-interpreter -x\n");
    const process::Command command{root.path_of("lost"), {}, {}, ""};
    const auto result = run(command, "", {});
    REQUIRE(std::holds_alternative<SpawnError>(result));
    CHECK(test::contains(process::describe(std::get<SpawnError>(result), command),
                         "/usr/bin/no-such-interpreter"));
}

TEST_CASE("many runs leave neither descriptors nor children") {
    const auto descriptors = test::open_descriptors_of(::getpid());
    const auto children = test::children_of(::getpid()).size();
    for (int i = 0; i < 50; ++i) run_well(shell("cat; echo x >&2"), "in");
    for (int i = 0; i < 50; ++i) run({"/no/such/program", {}, {}, ""}, "", {});
    CHECK(test::open_descriptors_of(::getpid()) == descriptors);
    CHECK(test::children_of(::getpid()).size() == children);
}
