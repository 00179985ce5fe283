#include <csignal>

#include "tests/support/forklift.h"
#include "tests/support/json.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;

TEST_CASE("invoke prints the answer alone on stdout and the log on stderr") {
    TaskRoot root;
    root.script("handler", "echo to the log >&2; cat");
    const auto finished = run_forklift({"invoke", root.path_of("handler"), R"({"name": "Ada"})"});
    CHECK(finished.exit == 0);
    CHECK(finished.output == R"({"name": "Ada"})");
    CHECK(contains(finished.errors, "to the log\n"));
    CHECK(contains(finished.errors, "START RequestId: "));
    CHECK(contains(finished.errors, "END RequestId: "));
    CHECK(contains(finished.errors, "REPORT RequestId: "));
}

TEST_CASE("invoke exits with 1 and prints the error that Lambda would give") {
    TaskRoot root;
    root.script("handler", "echo why >&2; exit 3");
    const auto finished = run_forklift({"invoke", root.path_of("handler"), "{}"});
    CHECK(finished.exit == 1);
    const Json error(finished.output);
    CHECK(error.text("/errorType") == "Function.ExitStatus");
    CHECK(contains(error.text("/errorMessage"), "3"));
    CHECK(error.texts("/stackTrace") == std::vector<std::string>{"why"});
}

TEST_CASE("invoke takes the event from a file or from stdin") {
    TaskRoot root;
    root.script("handler", "cat");
    root.file("event.json", "[1]");
    const auto handler = root.path_of("handler");
    CHECK(run_forklift({"invoke", handler, "@" + root.path_of("event.json")}).output == "[1]");
    CHECK(run_forklift({"invoke", handler, "-"}, "", "[2]").output == "[2]");
    CHECK(run_forklift({"invoke", handler}).output == "{}");
}

TEST_CASE("invoke runs a handler by a relative path in its own folder") {
    TaskRoot root;
    root.script("functions/handler", "cat data");
    root.file("functions/data", "[3]");
    CHECK(run_forklift({"invoke", "functions/handler"}, root.path()).output == "[3]");
}

TEST_CASE("invoke tells of a handler that is not there") {
    const TaskRoot root;
    const auto finished = run_forklift({"invoke", root.path_of("nobody")});
    CHECK(finished.exit == 1);
    CHECK(Json(finished.output).text("/errorType") == "Runtime.NoSuchHandler");
    CHECK(contains(finished.errors, "nobody"));
}

TEST_CASE("invoke tells of a timeout") {
    TaskRoot root;
    root.script("handler", "sleep 30");
    const auto finished = run_forklift({"invoke", root.path_of("handler"), "{}", "--timeout", "2"});
    CHECK(finished.exit == 1);
    CHECK(Json(finished.output).text("/errorType") == "Function.Timeout");
}

TEST_CASE("invoke passes the context and the environment") {
    TaskRoot root;
    root.script("handler",
                "echo $MINE; echo $LAMBDA_RUNTIME_CLIENT_CONTEXT; echo $AWS_LAMBDA_FUNCTION_NAME; "
                "echo $_X_AMZN_TRACE_ID; echo $AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
    const auto finished =
        run_forklift({"invoke", root.path_of("handler"), "{}", "--env", "MINE=a=b",
                      "--client-context", R"({"k":"v"})", "--name", "mine", "--trace-id",
                      "Root=1-2-3", "--memory", "512", "--env", "FORKLIFT_OUTPUT=raw"});
    CHECK(finished.output == "a=b\n{\"k\":\"v\"}\nmine\nRoot=1-2-3\n512\n");
}

TEST_CASE("invoke refuses what it does not understand with 2 and a reason") {
    const TaskRoot root;
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"invoke"},
                                               {"frobnicate"},
                                               {"invoke", "cat", "{}", "surplus"},
                                               {"invoke", "cat", "--timeout", "soon"},
                                               {"invoke", "cat", "@/no/such/file"},
                                               {"invoke", "cat", "--bootstrap", "/no/such/file"}}) {
        const auto finished = run_forklift(arguments, root.path());
        CHECK(finished.exit == 2);
        CHECK(finished.output.empty());
        CHECK_FALSE(finished.errors.empty());
    }
}

TEST_CASE("invoke refuses a context that could not be a header of the Runtime API") {
    const TaskRoot root;
    struct Case {
        const char* option;
        std::string value;
        const char* reason;
    };
    const Case cases[] = {
        {"--client-context", R"({"k":")" + std::string(90'000, 'x') + R"("})",
         "Lambda takes 3583 at most"},
        {"--trace-id", std::string(70'000, 'x'), "--trace-id: it has 70000 bytes"},
        {"--tenant-id", "a\r\nX-Smuggled: 1", "--tenant-id: it must be one line of text"},
        {"--cognito-identity", std::string(70'000, 'x'), "a header may have 61440"},
    };
    for (const auto& [option, value, reason] : cases) {
        CAPTURE(option);
        const auto finished = run_forklift({"invoke", "cat", "{}", option, value}, root.path());
        CHECK(finished.exit == 2);
        CHECK(contains(finished.errors, reason));
    }
}

TEST_CASE("invoke passes the largest event and the largest answer") {
    TaskRoot root;
    root.file("event", "\"" + std::string(6'291'454, 'x') + "\"");
    root.file("larger", "\"" + std::string(6'291'455, 'x') + "\"");
    root.file("answer", "\"" + std::string(6'291'554, 'x') + "\"");
    root.script("echo", "exec cat");
    root.script("print", "exec cat answer");
    const auto echo = run_forklift({"invoke", root.path_of("echo"), "@" + root.path_of("event")});
    CHECK(echo.exit == 0);
    CHECK((echo.output == read_file(root.path_of("event"))));
    const auto print = run_forklift({"invoke", root.path_of("print")});
    CHECK(print.exit == 0);
    CHECK((print.output == read_file(root.path_of("answer"))));
    CHECK(run_forklift({"invoke", root.path_of("echo"), "@" + root.path_of("larger")}).exit != 0);
}

// [not-emulated]: QEMU 7.2 does not know PR_SET_CHILD_SUBREAPER.
TEST_CASE("invoke leaves no process behind", "[not-emulated]") {
    TaskRoot root;
    root.script("handler", "exec " + helper("hold_stdout") + " setsid " + root.path_of("pid"));
    const auto finished = run_forklift({"invoke", root.path_of("handler")});
    CHECK(finished.output == "\"answered\"\n");
    CHECK_FALSE(is_alive(std::stoi(root.wait_for_file("pid"))));
}

TEST_CASE("check says what would run or what is wrong") {
    TaskRoot root;
    root.script("handler", "cat");
    const auto fine = run_forklift({"check", root.path_of("handler")});
    CHECK(fine.exit == 0);
    CHECK(contains(fine.output, root.path_of("handler")));
    const auto wrong = run_forklift({"check", root.path_of("nobody")});
    CHECK(wrong.exit == 1);
    CHECK(contains(wrong.errors, root.path_of("nobody")));
}
