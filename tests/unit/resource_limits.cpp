#include "process/resource_limits.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "process/run.h"
#include "tests/test.h"

using namespace forklift;
using namespace std::chrono_literals;
using forklift::test::contains;
using process::Run;
using process::SpawnError;

namespace {

using Result = std::variant<Run, SpawnError>;

struct Nowhere : process::StderrSink {
    void write(std::string_view) override {}
};

Result run(const process::Command& command, process::RunLimits limits = {}) {
    boost::asio::io_context loop;
    process::Reaper reaper;
    process::StopSwitch stop_switch;
    Nowhere nowhere;
    std::optional<Result> result;
    boost::asio::co_spawn(loop,
                          process::run(reaper, command, "input", limits, nowhere, stop_switch),
                          [&](std::exception_ptr trouble, Result ended) {
                              if (trouble) std::rethrow_exception(trouble);
                              result = std::move(ended);
                          });
    loop.run();
    return *result;
}

process::Command shell(const std::string& line, const process::ResourceLimits& limits) {
    process::Command command;
    command.program = "/bin/sh";
    command.argv = {"sh", "-c", line};
    command.environment = process::Environment::of_this_process();
    command.limits = limits;
    return command;
}

SpawnError error_of(const process::Command& command) {
    const auto result = run(command);
    REQUIRE(std::holds_alternative<SpawnError>(result));
    return std::get<SpawnError>(result);
}

}  // namespace

TEST_CASE("a program is held to its limits, and we are not") {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const auto result =
        std::get<Run>(run(shell("ulimit -v; ulimit -t; ulimit -n; cat",
                                {.memory = 1U << 30, .cpu = 7, .files = 33, .processes = {}})));
    CHECK(result.output == "1048576\n7\n33\ninput");
    CHECK(process::is_success(result.status));
    rlimit after{};
    ::getrlimit(RLIMIT_NOFILE, &after);
    CHECK(after.rlim_cur == before.rlim_cur);
}

TEST_CASE("a program with limits starts as clean as one without") {
    const auto result = std::get<Run>(
        run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | wc -l; "
                  "test $(ps -o pgid= $$) = $$ && echo leader",
                  {.memory = {}, .cpu = 7, .files = {}, .processes = {}})));
    CHECK(contains(result.output, "SigBlk:\t0000000000000000"));
    CHECK(contains(result.output, "SigIgn:\t0000000000000000"));
    // The fourth is the one that ls itself has open on the folder.
    CHECK(contains(result.output, "\n4\nleader"));
}

TEST_CASE("CPU time beyond the limit ends a program by SIGXCPU") {
    const auto result = std::get<Run>(
        run(shell("while :; do :; done", {.memory = {}, .cpu = 1, .files = {}, .processes = {}})));
    CHECK(result.status == process::ExitStatus(process::Signaled{SIGXCPU, false}));
}

TEST_CASE("a start with limits that fails names its step") {
    const process::ResourceLimits some{.memory = {}, .cpu = 7, .files = {}, .processes = {}};
    auto command = shell("true", some);
    command.program = "/nowhere/tool";
    CHECK(error_of(command).stage == process::SpawnStage::execute);
    CHECK(error_of(command).error == ENOENT);
    command = shell("true", some);
    command.directory = "/nowhere";
    CHECK(error_of(command).stage == process::SpawnStage::directory);
    command = shell("true", {.memory = {}, .cpu = {}, .files = 1U << 31, .processes = {}});
    const auto error = error_of(command);
    CHECK(error.stage == process::SpawnStage::limits);
    CHECK(contains(process::describe(error, command), "could not set the resource limits"));
}

TEST_CASE("what a program leaves in its group is kept when it is wanted") {
    process::RunLimits limits;
    limits.keep_background = true;
    const auto result = std::get<Run>(run(shell("sleep 20 >/dev/null 2>&1 & echo $!", {}), limits));
    CHECK(result.group == 0);
    const pid_t left = std::stoi(result.output);
    CHECK(::kill(left, 0) == 0);
    ::kill(left, SIGKILL);
}

TEST_CASE("a pipe that is held in the background does not hold the run") {
    process::RunLimits limits;
    limits.keep_background = true;
    limits.drain_grace = 100ms;
    const auto before = std::chrono::steady_clock::now();
    const auto result = std::get<Run>(run(shell("sleep 20 & echo $!", {}), limits));
    CHECK(std::chrono::steady_clock::now() - before < 5s);
    const pid_t left = std::stoi(result.output);
    CHECK(::kill(left, 0) == 0);
    ::kill(left, SIGKILL);
}
