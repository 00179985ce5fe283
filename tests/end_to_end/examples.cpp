#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>
#include <sstream>

#include "tests/support/file_descriptor.h"
#include "tests/support/forklift.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// Everything in examples/ works as its README says.
namespace {

namespace fs = std::filesystem;

const std::string examples = std::string(FORKLIFT_SOURCE_DIR) + "/examples/";

struct Command {
    std::string line;
    std::string output;
};

/// The commands of a README with what they print: lines that begin with "$ " and those after them,
/// in fences marked "console".
std::vector<Command> commands_of(const std::string& readme) {
    std::istringstream lines(read_file(readme));
    std::vector<Command> commands;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (begins_with(line, "```")) {
            inside = line == "```console";
        } else if (inside && begins_with(line, "$ ")) {
            commands.push_back({line.substr(2), ""});
        } else if (inside && !commands.empty()) {
            commands.back().output += line + "\n";
        }
    }
    return commands;
}

void check_readme(const std::string& readme) {
    const auto commands = commands_of(readme);
    CHECK_FALSE(commands.empty());
    const TaskRoot temporary;
    for (const auto& command : commands) {
        ProgramOptions shell;
        shell.argv = {"/bin/sh", "-c", command.line};
        shell.environment = usual_environment();
        shell.environment["PATH"] =
            fs::path(tested_forklift()).parent_path().string() + ":" + shell.environment["PATH"];
        shell.environment["TMPDIR"] = temporary.path();
        shell.directory = FORKLIFT_SOURCE_DIR;
        const auto finished = run_program(shell);
        CAPTURE(command.line, finished.errors);
        const auto output =
            contains(finished.output, "\n") ? finished.output : finished.output + "\n";
        CHECK(output == command.output);
        CHECK(finished.exit == (contains(command.output, "\"errorType\"") ? 1 : 0));
    }
}

/// What an example answers to its own event, by any Runtime API server.
Request answer_to_own_event(const std::string& example) {
    const auto program = fs::path(examples + example);
    const auto event = (program.parent_path() / program.stem()).string() + ".event.json";
    const TaskRoot root;
    return answer_to({.payload = read_file(event)}, root, program.string()).request;
}

}  // namespace

TEST_CASE("the commands of the shell examples print what their README says") {
    if (has_tool("jq")) check_readme(examples + "shell/README.md");
}

TEST_CASE("the commands of the Python examples print what their README says") {
    if (has_tool("python3") && has_tool("jq")) check_readme(examples + "python/README.md");
}

TEST_CASE("the commands of the JavaScript examples print what their README says") {
    if (has_tool("node") && has_tool("jq")) check_readme(examples + "node/README.md");
}

TEST_CASE("the commands of the Lua example print what its README says") {
    if (has_tool("lua5.4")) check_readme(examples + "lua/README.md");
}

TEST_CASE("the commands of the C example print what its README says") {
    if (has_tool("cc")) check_readme(examples + "c/README.md");
}

TEST_CASE("the commands on the page about functions print what it says") {
    if (has_tool("python3")) check_readme(FORKLIFT_SOURCE_DIR "/docs/functions.md");
}

TEST_CASE("the commands on the page about web servers print what it says") {
    if (!has_tool("python3") || !has_tool("jq")) return;
    // Its ports are the same for everybody who tests on this machine.
    const auto path = (fs::temp_directory_path() / "forklift-test-ports").string();
    const FileDescriptor lock(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666));
    REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
    check_readme(FORKLIFT_SOURCE_DIR "/docs/wrap-a-web-server.md");
}

TEST_CASE("the shell examples answer their events") {
    if (!has_tool("jq")) return;
    CHECK(answer_to_own_event("shell/greet.sh").body() == "{\"greeting\":\"Hello, Ada!\"}\n");
    const Json page(answer_to_own_event("shell/apigateway.sh").body());
    CHECK(page.number("/statusCode") == 200);
    CHECK(page.text("/body") == "Hello, Ada,Grace!\n");
    const auto failed = answer_to_own_event("shell/fails.sh");
    CHECK(failed.header("Lambda-Runtime-Function-Error-Type") == "Function.ExitStatus");
}

TEST_CASE("the API Gateway example knows its routes") {
    if (!has_tool("jq")) return;
    const TaskRoot root;
    const auto page_for = [&](const std::string& method, const std::string& path,
                              const std::string& body) {
        const Event event{.payload = R"({"requestContext":{"http":{"method":")" + method +
                                     R"("}},"rawPath":")" + path + R"(","isBase64Encoded":true,)" +
                                     R"("body":")" + body + "\"}"};
        return Json(answer_to(event, root, examples + "shell/apigateway.sh").request.body());
    };
    CHECK(page_for("POST", "/shout", "aGVsbG8=").text("/body") == "HELLO");
    CHECK(page_for("GET", "/greet", "").text("/body") == "Hello, world!\n");
    CHECK(page_for("GET", "/nowhere", "").number("/statusCode") == 404);
}

TEST_CASE("the Python example answers its event") {
    if (!has_tool("python3")) return;
    const Json answer(answer_to_own_event("python/wordcount.py").body());
    CHECK(answer.number("/words") == 16);
    CHECK(answer.text("/top/0/0") == "row");
}

TEST_CASE("an exception of the Python example is the function's error with its traceback") {
    if (!has_tool("python3")) return;
    const TaskRoot root;
    const auto request = answer_to({}, root, examples + "python/wordcount.py").request;
    CHECK(request.path == error_path());
    const Json error(request.body());
    CHECK(contains(error.text("/errorMessage"), "KeyError: 'text'"));
    CHECK(error.texts("/stackTrace").at(0) == "Traceback (most recent call last):");
}
