#include <sstream>

#include "tests/support/aws_cli.h"
#include "tests/support/contains.h"
#include "tests/support/task_root.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// The commands of the AWS CLI in examples/deploy/README.md are ones that it knows.
namespace {

/// What stands in fences marked "sh".
std::string shell_of(const std::string& page) {
    std::istringstream lines(read_file(page));
    std::string shell;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (begins_with(line, "```"))
            inside = line == "```sh";
        else if (inside)
            shell += line + "\n";
    }
    return shell;
}

/// The command that begins there: to the end of its line, of its "$(" or of its part of a pipe,
/// whichever stands first outside quotes.
std::string command_at(const std::string& shell, std::size_t begin) {
    char quote = 0;
    for (auto place = begin; place < shell.size(); ++place) {
        const char letter = shell[place];
        if (quote != 0) {
            if (letter == quote) quote = 0;
        } else if (letter == '\'' || letter == '"') {
            quote = letter;
        } else if (letter == '\\') {
            ++place;
        } else if (letter == '\n' || letter == ')' || letter == '|') {
            return shell.substr(begin, place - begin);
        }
    }
    return shell.substr(begin);
}

std::vector<std::string> aws_commands(const std::string& shell) {
    std::vector<std::string> commands;
    for (auto place = shell.find("aws "); place != std::string::npos;
         place = shell.find("aws ", place + 1)) {
        const char before = place == 0 ? '\n' : shell[place - 1];
        if (before == '\n' || before == ' ' || before == '(')
            commands.push_back(command_at(shell, place));
    }
    return commands;
}

/// What the AWS CLI says to the command, with nobody to call.
std::string told_by_cli(const std::string& command) {
    TaskRoot bin;
    bin.script(
        "aws",
        "exec /usr/bin/env PATH=\"${PATH#*:}\" aws --endpoint-url http://127.0.0.1:1 \"$@\"");
    ProgramOptions program;
    program.argv = {"/bin/sh", "-euc", "name=greet version=1; " + command};
    program.environment = aws_cli_environment(bin.path());
    program.environment["PATH"] = bin.path() + ":/usr/bin:/bin:" + program.environment["PATH"];
    program.directory = bin.path();
    return run_program(program).errors;
}

}  // namespace

TEST_CASE("the README of the deployment examples calls the AWS CLI rightly", "[deployment]") {
    if (!has_tool("aws")) return;
    const auto commands = aws_commands(shell_of(FORKLIFT_SOURCE_DIR "/examples/deploy/README.md"));
    CHECK(commands.size() > 10);
    for (const auto& command : commands) {
        // What is wrong with a command is said before anybody is called.
        INFO(command);
        const auto told = told_by_cli(command);
        CAPTURE(told);
        CHECK(contains(told, "Could not connect to the endpoint URL"));
    }
    CHECK_FALSE(contains(told_by_cli("aws iam get-role"), "Could not connect"));
    CHECK_FALSE(contains(told_by_cli("aws iam get-role --name x"), "Could not connect"));
}
