#include <csignal>
#include <sstream>

#include "tests/support/bootstrap.h"
#include "tests/support/eventually.h"
#include "tests/support/free_port.h"
#include "tests/support/http_stream.h"
#include "tests/support/package.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// `forklift` when whoever reads its output goes, waits, or has no room.
namespace {

constexpr int ended_by_sigpipe = 128 + SIGPIPE;

ProgramOptions forklift_program(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), tested_forklift());
    return {.argv = std::move(arguments), .environment = usual_environment()};
}

Finished run_without_reader(const std::vector<std::string>& arguments) {
    auto program = forklift_program(arguments);
    program.output_is_closed = true;
    return run_program(program);
}

Finished run_shell(const std::string& line) {
    return run_program({.argv = {"bash", "-c", line}, .environment = usual_environment()});
}

/// A function that answers with a lot, and leaves the numbers of its processes in the file pids:
/// its own, bootstrap's, and that of a program in the background.
struct Talkative {
    TaskRoot root;
    std::string handler;

    Talkative() {
        handler = root.path_of(root.script("talk.sh",
                                           "setsid sleep 600 >/dev/null 2>&1 &\n"
                                           "echo \"$$ $PPID $!\" >pids; printf '\"first\\n'; "
                                           "head -c 2000000 /dev/zero | tr '\\0' x; printf '\"'"));
    }

    bool has_left_processes() const {
        std::istringstream pids(root.wait_for_file("pids"));
        int left = 0;
        for (pid_t pid = 0; pids >> pid;) left += is_alive(pid);
        return left > 0;
    }
};

}  // namespace

// [not-emulated]: QEMU 7.2 does not know PR_SET_CHILD_SUBREAPER.
TEST_CASE("invoke ends in order, and without a word, when nobody reads the answer any more",
          "[not-emulated]") {
    const Talkative function;
    const auto finished = run_without_reader({"invoke", function.handler});
    CHECK(finished.exit == ended_by_sigpipe);
    CHECK(begins_with(finished.errors, "START RequestId: "));
    CHECK_FALSE(contains(finished.errors, "forklift:"));
    CHECK_FALSE(function.has_left_processes());
}

TEST_CASE("invoke ends in order when the first line of the answer is enough", "[not-emulated]") {
    const Talkative function;
    const auto finished = run_shell(tested_forklift() + " invoke " + function.handler +
                                    " --env FORKLIFT_OUTPUT=raw | head -1; echo ${PIPESTATUS[0]}");
    CHECK(finished.output == "\"first\n141\n");
    CHECK_FALSE(contains(finished.errors, "forklift:"));
    CHECK_FALSE(function.has_left_processes());
}

TEST_CASE("invoke says why an answer cannot be written, and leaves nothing behind",
          "[not-emulated]") {
    const Talkative function;
    const auto finished =
        run_shell(tested_forklift() + " invoke " + function.handler + " >/dev/full");
    CHECK(finished.exit == 3);
    CHECK(
        contains(finished.errors, "forklift: cannot write the answer: No space left on device\n"));
    CHECK_FALSE(function.has_left_processes());
}

TEST_CASE("a reader of the answer that takes its time holds up nothing but the answer",
          "[not-emulated]") {
    const Talkative function;
    auto options = forklift_program({"invoke", function.handler});
    options.read_output = false;
    Program program(options);
    CHECK(eventually([&] { return !function.has_left_processes(); }));
    CHECK(is_alive(program.pid()));
    program.signal(SIGTERM);
    // It may still be about to write.
    const int exit = program.wait().exit;
    CHECK((exit == -SIGTERM || exit == 128 + SIGTERM));
}

TEST_CASE("an answer goes out whole to a pipe that somebody has set not to block") {
    if (!has_tool("python3")) return;
    const Talkative function;
    auto options = forklift_program({"invoke", function.handler});
    const std::vector<std::string> wrapper = {
        "python3", "-c",
        "import fcntl, os, sys\n"
        "fcntl.fcntl(1, fcntl.F_SETFL, os.O_WRONLY | os.O_NONBLOCK)\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n"};
    options.argv.insert(options.argv.begin(), wrapper.begin(), wrapper.end());
    const auto finished = run_program(options);
    CHECK(finished.exit == 0);
    CHECK(finished.output.size() > 2'000'000);
}

TEST_CASE("serve answers when nobody reads its log, and ends when it is told to") {
    const auto kind = GENERATE(ErrorsKind::pipe, ErrorsKind::socket, ErrorsKind::terminal);
    TaskRoot root;
    const auto script = root.path_of(
        root.script("chatty", "head -c 1000000 /dev/zero | tr '\\0' '\\n' >&2; echo answered"));
    const auto port = static_cast<std::uint16_t>(std::stoi(free_port()));
    auto options = forklift_program({"serve", script, "--port", std::to_string(port)});
    options.errors_kind = kind;
    options.read_errors = false;
    Program program(options);
    CHECK(eventually([&] { return accepts(port); }));
    for (int i = 0; i < 3; ++i)
        CHECK(contains(exchange(port, "GET", "/", {}, "").body, "answered"));
    program.signal(SIGTERM);
    CHECK(program.wait().exit == 0);
}

TEST_CASE("serve answers where it was started without standard streams") {
    TaskRoot root;
    const auto script = root.path_of(root.script("greet", "echo said >&2; echo answered"));
    const auto port = free_port();
    Program program({.argv = {"bash", "-c",
                              "exec " + tested_forklift() + " serve " + script + " --port " + port +
                                  " <&- >&- 2>&-"},
                     .environment = usual_environment()});
    const auto number = static_cast<std::uint16_t>(std::stoi(port));
    CHECK(eventually([&] { return accepts(number); }));
    CHECK(contains(exchange(number, "GET", "/", {}, "").body, "answered"));
    // None of them is a descriptor of its own, which a line of the log would go into.
    const std::string descriptors = "/proc/" + std::to_string(program.pid()) + "/fd/";
    for (const char* fd : {"0", "1", "2"})
        CHECK(std::filesystem::read_symlink(descriptors + fd) == "/dev/null");
    program.signal(SIGTERM);
    CHECK(program.wait().exit == 0);
}

TEST_CASE("invoke answers before it waits for the reader of its log") {
    const auto kind = GENERATE(ErrorsKind::pipe, ErrorsKind::socket, ErrorsKind::terminal);
    TaskRoot root;
    const auto script = root.path_of(
        root.script("chatty", "head -c 1000000 /dev/zero | tr '\\0' '\\n' >&2; echo answered"));
    auto options = forklift_program({"invoke", script});
    options.errors_kind = kind;
    options.read_errors = false;
    Program program(options);
    CHECK(contains(program.wait_for_output("answered"), "answered"));
    CHECK(is_alive(program.pid()));
}

TEST_CASE("a log that is read slowly arrives whole") {
    TaskRoot root;
    const auto script = root.path_of(root.script("chatty", "seq 3000000 >&2; echo answered"));
    const auto finished = run_shell(tested_forklift() + " invoke " + script +
                                    " --timeout 60 2>&1 >/dev/null | "
                                    "perl -e 'while (sysread(STDIN, $b, 65536)) { "
                                    "select(undef, undef, undef, 0.002); print $b }' | "
                                    "grep -c '^[0-9]*$'");
    CHECK(finished.output == "3000000\n");
}

TEST_CASE("conformance ends without a word when nobody reads its report") {
    TaskRoot root;
    const auto worker =
        root.path_of(root.script("worker", "echo $$ >>" + root.path_of("pids") + "; exec cat"));
    const auto finished = run_without_reader({"conformance", "--", worker});
    CHECK(finished.exit == ended_by_sigpipe);
    CHECK(finished.errors.empty());
    const auto some = run_shell(tested_forklift() + " conformance -- " + worker +
                                " | head -1; echo ${PIPESTATUS[0]}");
    CHECK(some.output == "TAP version 13\n141\n");
    CHECK(some.errors.empty());
    std::istringstream pids(root.wait_for_file("pids"));
    for (pid_t pid = 0; pids >> pid;) CHECK_FALSE(is_alive(pid));
    const auto full = run_shell(tested_forklift() + " conformance -- " + worker + " >/dev/full");
    CHECK(full.exit == 3);
    CHECK(full.errors == "forklift: cannot write the report: No space left on device\n");
}

// [not-emulated]: as in package.cpp.
TEST_CASE("package makes its zip whether or not anybody reads what it says of it",
          "[not-emulated]") {
    TaskRoot root;
    root.file("file", "x");
    const Packaged packaged;
    const std::vector<std::string> arguments = {"package", root.path(), "-o", packaged.zip(),
                                                "--without-bootstrap"};
    const auto finished = run_without_reader(arguments);
    CHECK(finished.exit == ended_by_sigpipe);
    CHECK(finished.errors.empty());
    CHECK(std::filesystem::exists(packaged.zip()));
    const auto full = run_shell(tested_forklift() + " package " + root.path() + " -o " +
                                packaged.zip() + " --without-bootstrap >/dev/full");
    CHECK(full.exit == 3);
    CHECK(contains(full.errors, "No space left on device"));
}

TEST_CASE("help and check end without a word when nobody reads them") {
    CHECK(run_without_reader({"--help"}).exit == ended_by_sigpipe);
    CHECK(run_without_reader({"--version"}).exit == ended_by_sigpipe);
    CHECK(run_without_reader({"check", "--options=markdown"}).errors.empty());
    CHECK(run_without_reader({"check", "cat"}).errors.empty());
    const auto full = run_shell(tested_forklift() + " --help >/dev/full");
    CHECK(full.exit == 3);
    CHECK(contains(full.errors, "cannot write the help: No space left on device"));
}

TEST_CASE("serve goes on when nobody reads its log any more, and ends as it is told to") {
    TaskRoot root;
    root.script("run.sh", "echo to the log >&2; printf 1");
    const auto port = free_port();
    auto options = forklift_program({"serve", root.path_of("run.sh"), "--port", port});
    options.errors_are_closed = true;
    Program server(options);
    const auto number = static_cast<std::uint16_t>(std::stoi(port));
    REQUIRE(eventually([&] { return accepts(number); }));
    for (int i = 0; i < 2; ++i) CHECK(exchange(number, "GET", "/", {}, "").body == "1");
    const auto processes = descendants_of(server.pid());
    CHECK_FALSE(processes.empty());
    server.signal(SIGTERM);
    CHECK(server.wait().exit == 0);
    for (const auto& process : processes) CHECK_FALSE(is_alive(process.pid));
}
