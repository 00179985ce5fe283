#include "tests/support/free_port.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

using namespace forklift::test;

namespace {

/// bootstrap on a developer's machine: no Runtime API.
Finished run_by_hand(const std::vector<std::string>& arguments, const TaskRoot& root,
                     Variables environment = {}) {
    ProgramOptions program;
    program.argv = arguments;
    program.argv.insert(program.argv.begin(), tested_bootstrap());
    program.environment = std::move(environment);
    program.environment.merge(usual_environment());
    program.directory = root.path();
    return run_program(program);
}

/// The message of the init error that a variable leads to.
std::string config_error(const Variables& environment) {
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "cat"), environment);
    const auto post = server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Runtime.ConfigInvalid");
    CHECK(bootstrap.wait().exit == 1);
    CHECK(server.polls() == 0);
    return Json(post.body()).text("/errorMessage");
}

}  // namespace

TEST_CASE("without a Runtime API bootstrap says what it is and how to run it") {
    const TaskRoot root;
    const auto finished = run_by_hand({}, root);
    CHECK(finished.exit > 0);
    CHECK(finished.output.empty());
    CHECK(contains(finished.errors, "Lambda"));
    CHECK(contains(finished.errors, "forklift invoke"));
    CHECK(contains(finished.errors, "AWS_LAMBDA_RUNTIME_API"));
}

TEST_CASE("a Runtime API address that is none is named") {
    const TaskRoot root;
    const auto finished = run_by_hand({"cat"}, root, {{"AWS_LAMBDA_RUNTIME_API", "nonsense"}});
    CHECK(finished.exit > 0);
    CHECK(contains(finished.errors, "nonsense"));
}

TEST_CASE("help goes to stdout and names the options of the command line") {
    const TaskRoot root;
    const auto finished = run_by_hand({"--help"}, root);
    CHECK(finished.exit == 0);
    CHECK(finished.errors.empty());
    CHECK(contains(finished.output, "--check"));
    CHECK(contains(finished.output, "--version"));
}

TEST_CASE("the version is one line") {
    const TaskRoot root;
    const auto finished = run_by_hand({"--version"}, root);
    CHECK(finished.exit == 0);
    CHECK(begins_with(finished.output, "forklift "));
    CHECK(finished.output.find('\n') == finished.output.size() - 1);
}

TEST_CASE("an unknown option is refused by name") {
    const TaskRoot root;
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"--frobnicate"}, {"-x"}, {"cat", "surplus"}, {"--check", "cat", "surplus"}}) {
        const auto finished = run_by_hand(arguments, root);
        CHECK(finished.exit == 2);
        CHECK(contains(finished.errors, arguments.back()));
    }
}

TEST_CASE("check says what would run and why") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    const auto finished = run_by_hand({"--check", "greet.sh"}, root);
    CHECK(finished.exit == 0);
    CHECK(contains(finished.output, root.path_of("greet.sh")));
    CHECK(contains(finished.output, "fork"));
    CHECK(contains(finished.output, "300"));
}

TEST_CASE("check takes the handler from the variable as well") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    const auto finished = run_by_hand({"--check"}, root, {{"_HANDLER", "greet.sh"}});
    CHECK(finished.exit == 0);
    CHECK(contains(finished.output, "greet.sh"));
}

TEST_CASE("check shows the options that were chosen and where") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    const auto finished = run_by_hand({"--check", "greet.sh"}, root,
                                      {{"FORKLIFT_OUTPUT", "raw"}, {"FORKLIFT_STOP_MARGIN", "2s"}});
    CHECK(finished.exit == 0);
    CHECK(contains(finished.output, "raw"));
    CHECK(contains(finished.output, "2000"));
    CHECK(contains(finished.output, "FORKLIFT_STOP_MARGIN"));
}

TEST_CASE("check fails on a handler that is not there and on options that are wrong") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    const auto missing = run_by_hand({"--check", "nobody"}, root);
    CHECK(missing.exit == 1);
    CHECK(contains(missing.errors, root.path_of("nobody")));
    const auto wrong = run_by_hand({"--check", "greet.sh"}, root, {{"FORKLIFT_OUTPUT", "xml"}});
    CHECK(wrong.exit == 1);
    CHECK(contains(wrong.errors, "xml"));
}

TEST_CASE("an option with a value that is none is an init error that names both") {
    const std::pair<std::string, std::string> wrong[] = {
        {"FORKLIFT_OUTPUT", "xml"},         {"FORKLIFT_MODE", "spoon"},
        {"FORKLIFT_STOP_MARGIN", "soon"},   {"FORKLIFT_STOP_MARGIN", "-1"},
        {"FORKLIFT_STOP_GRACE", "1h"},      {"FORKLIFT_MAX_OUTPUT", "many"},
        {"FORKLIFT_EXIT_ERRORS", "3"},      {"FORKLIFT_EXIT_ERRORS", "0=Fine"},
        {"FORKLIFT_EXIT_ERRORS", "999=No"}, {"FORKLIFT_CONTENT_TYPE", "a\r\nX-Evil: 1"},
        {"FORKLIFT_MAX_OUTPUT", ""},        {"FORKLIFT_STOP_MARGIN", "1000000s"}};
    for (const auto& [name, value] : wrong) {
        CAPTURE(name, value);
        const auto message = config_error({{name, value}});
        CHECK(contains(message, name));
        CHECK(contains(message, value));
    }
}

TEST_CASE("every wrong variable is named at once") {
    const auto message = config_error({{"FORKLIFT_OUTPUT", "xml"}, {"FORKLIFT_STOPMARGIN", "1"}});
    CHECK(contains(message, "xml"));
    CHECK(contains(message, "FORKLIFT_STOPMARGIN"));
    CHECK(contains(message, "FORKLIFT_STOP_MARGIN"));
}

TEST_CASE("an option may be given with its unit") {
    CHECK(answer_of_script("echo 1", {{"FORKLIFT_STOP_MARGIN", "300"},
                                      {"FORKLIFT_STOP_GRACE", "200ms"},
                                      {"FORKLIFT_MAX_OUTPUT", "1KiB"},
                                      {"FORKLIFT_MODE", "fork"}})
              .request.body() == "1\n");
}

// [not-emulated]: an emulated program cannot become another.
TEST_CASE("a number in a variable is a decimal one where bootstrap answers HTTP itself",
          "[not-emulated]") {
    TaskRoot root;
    const auto port = free_port();
    ProgramOptions options;
    options.argv = {tested_bootstrap(), root.script("handler", "cat")};
    options.environment = usual_environment();
    options.environment["LAMBDA_TASK_ROOT"] = root.path();
    options.environment["PORT"] = "00" + port;
    Program bootstrap(options);
    CHECK(contains(bootstrap.wait_for_errors("\n"), "at http://0.0.0.0:" + port + "\n"));
}
