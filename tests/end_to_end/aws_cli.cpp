#include <cstdlib>

#include "tests/support/aws_cli.h"
#include "tests/support/bootstrap.h"
#include "tests/support/forklift.h"
#include "tests/support/json.h"
#include "tests/test.h"

using namespace forklift::test;

/// The AWS CLI, as a user has it, against `forklift serve`.
namespace {

/// The AWS CLI of the system, or "" with a word about it.
std::string aws_path() {
    for (const char* path : {"/usr/bin/aws", "/usr/local/bin/aws"})
        if (std::filesystem::exists(path)) return path;
    WARN("not tested: there is no AWS CLI here");
    return "";
}

struct Invoked {
    int exit = 0;
    /// What the CLI prints: StatusCode, FunctionError, LogResult and so on.
    std::string output;
    std::string payload;
};

Invoked aws_invoke(const TaskRoot& root, const ForkliftServe& server, const std::string& event) {
    ProgramOptions program;
    program.argv = {aws_path(),
                    "lambda",
                    "invoke",
                    "--endpoint-url",
                    server.url(),
                    "--function-name",
                    "greet",
                    "--cli-binary-format",
                    "raw-in-base64-out",
                    "--log-type",
                    "Tail",
                    "--payload",
                    event,
                    "--output",
                    "json",
                    "out.json"};
    program.environment = aws_cli_environment(root.path());
    program.directory = root.path();
    const auto finished = run_program(program, std::chrono::seconds(60));
    INFO(finished.errors);
    REQUIRE(finished.exit == 0);
    return {finished.exit, finished.output, read_file(root.path_of("out.json"))};
}

std::string decode_base64(const std::string& text) {
    return run_program(
               {.argv = {"base64", "-d"}, .environment = usual_environment(), .input = text})
        .output;
}

}  // namespace

TEST_CASE("the AWS CLI sees success and failure and timeout as Lambda shows them", "[tools]") {
    if (aws_path().empty()) return;
    TaskRoot root;
    root.script("greet",
                "event=$(cat); echo \"log of $event\" >&2; case $event in *fail*) exit 3;; "
                "*sleep*) sleep 30;; esac; echo '{\"greeting\":\"Hello\"}'");
    const ForkliftServe server({root.path_of("greet"), "--timeout", "2"});

    const auto success = aws_invoke(root, server, R"({"name":"Ada"})");
    CHECK(success.payload == "{\"greeting\":\"Hello\"}\n");
    const Json told(success.output);
    CHECK(told.number("/StatusCode") == 200);
    CHECK(told.text("/ExecutedVersion") == "$LATEST");
    CHECK_FALSE(told.has("/FunctionError"));
    const auto log = decode_base64(told.text("/LogResult"));
    CHECK(begins_with(log, "START RequestId: "));
    CHECK(contains(log, "log of {\"name\":\"Ada\"}\n"));
    CHECK(contains(log, "\nEND RequestId: "));
    CHECK(contains(log, "\nREPORT RequestId: "));
    CHECK(log.size() <= 4096);

    const auto failure = aws_invoke(root, server, R"({"please":"fail"})");
    const Json told_failure(failure.output);
    CHECK(told_failure.number("/StatusCode") == 200);
    CHECK(told_failure.text("/FunctionError") == "Unhandled");
    CHECK(contains(decode_base64(told_failure.text("/LogResult")), "please"));
    CHECK(Json(failure.payload).text("/errorType") == "Function.ExitStatus");
    CHECK(Json(failure.payload).texts("/stackTrace") ==
          std::vector<std::string>{R"(log of {"please":"fail"})"});

    const auto timeout = aws_invoke(root, server, R"({"please":"sleep"})");
    const Json told_timeout(timeout.output);
    CHECK(told_timeout.number("/StatusCode") == 200);
    CHECK(told_timeout.text("/FunctionError") == "Unhandled");
    CHECK(Json(timeout.payload).text("/errorType") == "Function.Timeout");
    CHECK(contains(decode_base64(told_timeout.text("/LogResult")), "REPORT RequestId: "));
}
