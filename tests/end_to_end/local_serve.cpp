#include <csignal>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/json.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;

/// The Invoke API of `forklift serve`, and its Runtime API with runtimes other than ours.
namespace {

constexpr const char* invocations = "/2015-03-31/functions/greet/invocations";

HttpMessage invoke(const ForkliftServe& server, const std::string& event,
                   const HttpFields& headers = {}) {
    return exchange(server.port(), "POST", invocations, headers, event);
}

/// A runtime of a few lines of shell that posts the file `answer` for each event.
std::string foreign_runtime(const std::string& answer) {
    return "while curl -sS -D headers -o event \"http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/"
           "invocation/next\"; do\n"
           "  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: *\\([^\\r]*\\).*/\\1/Ip' headers | tr "
           "-d "
           "'\\r')\n"
           "  curl -sS -o reply -w '%{http_code}' --data-binary @" +
           answer +
           " \"http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response\" "
           ">status\n"
           "  echo >>done\n"
           "done";
}

bool has_curl() {
    if (std::system("command -v curl >/dev/null 2>&1") == 0) return true;
    WARN("not tested: there is no curl here");
    return false;
}

}  // namespace

TEST_CASE("the Invoke API answers as Lambda does") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    const ForkliftServe server({root.path_of("greet.sh")});
    const auto answer = invoke(server, R"({"name":"Ada"})");
    CHECK(answer.status() == 200);
    CHECK(answer.body == R"({"name":"Ada"})");
    CHECK(answer.header("Content-Type") == "application/json");
    CHECK(answer.header("X-Amz-Executed-Version") == "$LATEST");
    CHECK(answer.header("x-amzn-RequestId"));
    CHECK_FALSE(answer.header("X-Amz-Function-Error"));
    CHECK_FALSE(answer.header("X-Amz-Log-Result"));
}

TEST_CASE("the Invoke API says that a function failed") {
    TaskRoot root;
    root.script("greet.sh", "exit 3");
    const ForkliftServe server({root.path_of("greet.sh")});
    const auto answer = invoke(server, "{}");
    CHECK(answer.status() == 200);
    CHECK(answer.header("X-Amz-Function-Error") == "Unhandled");
    CHECK(Json(answer.body).text("/errorType") == "Function.ExitStatus");
}

TEST_CASE("the Invoke API knows the invocation types") {
    TaskRoot root;
    root.script("greet.sh", "cat >>events; echo 1");
    const ForkliftServe server({root.path_of("greet.sh")});
    CHECK(invoke(server, "dry", {{"X-Amz-Invocation-Type", "DryRun"}}).status() == 204);
    const auto accepted = invoke(server, "[1]", {{"X-Amz-Invocation-Type", "Event"}});
    CHECK(accepted.status() == 202);
    CHECK(accepted.body.empty());
    CHECK(eventually([&] {
        return std::filesystem::exists(root.path_of("events")) &&
               read_file(root.path_of("events")) == "[1]";
    }));
    CHECK(invoke(server, "{}", {{"X-Amz-Invocation-Type", "Nonsense"}}).status() == 400);
}

TEST_CASE("events pass the Invoke API up to the limit and not beyond") {
    TaskRoot root;
    root.script("greet.sh", "exec cat");
    const ForkliftServe server({root.path_of("greet.sh")});
    const std::string event = "\"" + std::string(6'291'454, 'x') + "\"";
    CHECK((invoke(server, event).body == event));
    const auto refused = invoke(server, event + " ");
    CHECK(refused.status() == 413);
    CHECK(refused.header("x-amzn-ErrorType") == "RequestTooLargeException");
    CHECK(invoke(server, "1").body == "1");
}

TEST_CASE("what could not be a header of the Runtime API is refused by the Invoke API") {
    TaskRoot root;
    root.script("greet.sh", "printf '\"%s\"' \"$LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN\"");
    const ForkliftServe server({root.path_of("greet.sh")});
    const auto large = invoke(server, "{}", {{"X-Amz-Client-Context", std::string(50'000, 'A')}});
    CHECK(large.status() == 400);
    CHECK(contains(large.body, "at most 3583 bytes"));
    const auto invoke_version = [&](const std::string& qualifier) {
        return exchange(server.port(), "POST", invocations + ("?Qualifier=" + qualifier), {}, "{}");
    };
    for (const auto& qualifier : {std::string("a%0d%0aX-Smuggled:%201"), std::string(129, 'a')}) {
        const auto refused = invoke_version(qualifier);
        CHECK(refused.status() == 400);
        CHECK(refused.header("x-amzn-ErrorType") == "ValidationException");
        CHECK(contains(refused.body, "at 'qualifier' failed to satisfy constraint"));
    }
    CHECK(contains(invoke_version("$LATEST").body, ":$LATEST\""));
}

TEST_CASE("a function that ends its environment gets a new one for the next event") {
    TaskRoot root;
    root.script("greet.sh", "kill -KILL $PPID; sleep 10");
    const ForkliftServe server({root.path_of("greet.sh")});
    for (int i = 0; i < 2; ++i) {
        const auto answer = invoke(server, "{}");
        CHECK(answer.header("X-Amz-Function-Error") == "Unhandled");
        CHECK(Json(answer.body).text("/errorType") == "Runtime.ExitError");
        CHECK(contains(Json(answer.body).text("/errorMessage"), "signal: killed"));
    }
}

TEST_CASE("events at the same time run in environments of their own") {
    TaskRoot root;
    // Each waits until the other one is there as well.
    root.script("greet.sh",
                "touch here-$$; until [ $(ls here-* | wc -l) -ge 2 ]; do sleep 0.02; done; cat");
    const ForkliftServe server({root.path_of("greet.sh"), "--concurrency", "2", "--timeout", "20"});
    HttpMessage first;
    std::thread other([&] { first = invoke(server, "1"); });
    const auto second = invoke(server, "2");
    other.join();
    CHECK(first.body == "1");
    CHECK(second.body == "2");
}

TEST_CASE("SIGTERM ends serve with all its processes") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    ForkliftServe server({root.path_of("greet.sh")});
    CHECK(invoke(server, "1").body == "1");
    const auto processes = descendants_of(server.pid());
    CHECK_FALSE(processes.empty());
    server.signal(SIGTERM);
    CHECK(server.wait().exit == 0);
    for (const auto& process : processes) CHECK_FALSE(is_alive(process.pid));
}

TEST_CASE("the local Runtime API serves a runtime that is not ours") {
    if (!has_curl()) return;
    TaskRoot root;
    root.script("foreign", foreign_runtime("event"));
    root.script("greet.sh", "exit 1");
    const ForkliftServe server({root.path_of("greet.sh"), "--bootstrap", root.path_of("foreign")});
    CHECK(invoke(server, "[1]").body == "[1]");
    CHECK(invoke(server, "[2]").body == "[2]");
    CHECK(root.wait_for_file("status") == "202");
}

TEST_CASE("the local Runtime API refuses an answer of one byte too many with 413") {
    if (!has_curl()) return;
    TaskRoot root;
    root.file("largest", std::string(6'291'556, 'x'));
    root.file("larger", std::string(6'291'557, 'x'));
    root.script("greet.sh", "exit 1");
    root.script("foreign", foreign_runtime("$(cat event)"));
    const ForkliftServe server({root.path_of("greet.sh"), "--bootstrap", root.path_of("foreign")});
    CHECK(invoke(server, "largest").body.size() == 6'291'556);
    const auto refused = invoke(server, "larger");
    CHECK(refused.header("X-Amz-Function-Error") == "Unhandled");
    const Json error(refused.body);
    CHECK(error.text("/errorType") == "Function.ResponseSizeTooLarge");
    CHECK(contains(error.text("/errorMessage"), "(6291557 bytes)"));
    CHECK(contains(error.text("/errorMessage"), "(6291556 bytes)"));
    // The runtime was told as well, and is served on.
    CHECK(eventually([&] { return read_file(root.path_of("done")).size() == 2; }));
    CHECK(read_file(root.path_of("status")) == "413");
    CHECK(invoke(server, "largest").body.size() == 6'291'556);
}
