#include <algorithm>
#include <sstream>

#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/test.h"

using namespace forklift::test;

namespace {

/// The environment that a program sees, by name.
Variables environment_seen(const Request& request) {
    CHECK(contains(request.path, "/response"));
    std::istringstream lines(request.body());
    Variables seen;
    for (std::string line; std::getline(lines, line);)
        seen[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
    return seen;
}

const Variables raw{{"FORKLIFT_OUTPUT", "raw"}};

}  // namespace

TEST_CASE("the headers of an invocation are variables by the CGI rule") {
    Event event;
    event.id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
    event.time_left = std::nullopt;
    event.headers = {{"Lambda-Runtime-Deadline-Ms", "4102444800123"},
                     {"Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e8;Parent=3;Sampled=1"},
                     {"Lambda-Runtime-Client-Context", R"({"custom":{"a":"b c"}})"},
                     {"Lambda-Runtime-Cognito-Identity", R"({"cognitoIdentityId":"x"})"},
                     {"Lambda-Runtime-Aws-Tenant-Id", "blue"},
                     {"Lambda-Runtime-Not-Yet-Invented", "1"},
                     {"Lambda-Runtime-Empty", ""},
                     {"X-Other", "no"}};
    const auto seen = environment_seen(answer_of_script("env", raw, event).request);
    CHECK(seen.at("LAMBDA_RUNTIME_AWS_REQUEST_ID") == event.id);
    CHECK(seen.at("LAMBDA_RUNTIME_DEADLINE_MS") == "4102444800123");
    CHECK(seen.at("LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN") ==
          "arn:aws:lambda:eu-west-1:123456789012:function:test");
    CHECK(seen.at("LAMBDA_RUNTIME_TRACE_ID") == "Root=1-5bef4de7-ad49b0e8;Parent=3;Sampled=1");
    CHECK(seen.at("_X_AMZN_TRACE_ID") == "Root=1-5bef4de7-ad49b0e8;Parent=3;Sampled=1");
    CHECK(seen.at("LAMBDA_RUNTIME_CLIENT_CONTEXT") == R"({"custom":{"a":"b c"}})");
    CHECK(seen.at("LAMBDA_RUNTIME_COGNITO_IDENTITY") == R"({"cognitoIdentityId":"x"})");
    CHECK(seen.at("LAMBDA_RUNTIME_AWS_TENANT_ID") == "blue");
    CHECK(seen.at("LAMBDA_RUNTIME_NOT_YET_INVENTED") == "1");
    CHECK(seen.count("LAMBDA_RUNTIME_EMPTY") == 1);
    CHECK(seen.count("X_OTHER") == 0);
    CHECK(seen.count("HTTP_X_OTHER") == 0);
}

TEST_CASE("a header's value is passed on whatever bytes are in it") {
    for (const std::string value : {R"({"a":")"
                                    "\x7f"
                                    R"("})",
                                    R"({"a":")"
                                    "\x01\x1f"
                                    R"("})",
                                    R"({"a":")"
                                    "\xff\xc3"
                                    R"("})",
                                    "a\tb"}) {
        Event event;
        event.headers = {{"Lambda-Runtime-Client-Context", value}};
        const auto request =
            answer_of_script("printf %s \"$LAMBDA_RUNTIME_CLIENT_CONTEXT\"", raw, event).request;
        CHECK(request.path == response_path());
        CHECK(request.body() == value);
    }
}

TEST_CASE("a header that is too long for a variable is left out, and the event is answered") {
    Event event;
    event.headers = {{"Lambda-Runtime-Client-Context", std::string(140'000, 'x')},
                     {"Lambda-Runtime-Aws-Tenant-Id", "blue"}};
    const auto posted = answer_of_script("env", raw, event);
    const auto seen = environment_seen(posted.request);
    CHECK(seen.count("LAMBDA_RUNTIME_CLIENT_CONTEXT") == 0);
    CHECK(seen.at("LAMBDA_RUNTIME_AWS_TENANT_ID") == "blue");
    CHECK(contains(posted.errors, "WARN"));
    CHECK(contains(posted.errors, "LAMBDA_RUNTIME_CLIENT_CONTEXT is left out"));
}

TEST_CASE("header names count whatever their case") {
    Event event;
    event.headers = {{"lambda-runtime-trace-id", "Root=1-a"},
                     {"LAMBDA-RUNTIME-AWS-TENANT-ID", "blue"},
                     {"lambda-runtime-invocation-id", "attempt-1"}};
    const auto request = answer_of_script("env", raw, event).request;
    const auto seen = environment_seen(request);
    CHECK(seen.at("_X_AMZN_TRACE_ID") == "Root=1-a");
    CHECK(seen.at("LAMBDA_RUNTIME_AWS_TENANT_ID") == "blue");
    CHECK(request.header("Lambda-Runtime-Invocation-Id") == "attempt-1");
}

TEST_CASE("a header cannot set a variable that is no invocation's") {
    Event event;
    event.headers = {{"PATH", "/evil"},
                     {"Ld-Preload", "/evil"},
                     {"Lambda-Runtime", "x"},
                     {"Lambda-Runtimes-X", "x"}};
    const auto seen = environment_seen(answer_of_script("env", raw, event).request);
    CHECK(seen.at("PATH") != "/evil");
    CHECK(seen.count("LD_PRELOAD") == 0);
    CHECK(seen.count("LAMBDA_RUNTIME") == 0);
    CHECK(seen.count("LAMBDA_RUNTIMES_X") == 0);
}

TEST_CASE("nothing of one invocation is seen in the next") {
    RuntimeApiServer server;
    TaskRoot root;
    Event first{.id = "first"};
    first.headers = {{"Lambda-Runtime-Trace-Id", "Root=1-a"},
                     {"Lambda-Runtime-Client-Context", "{}"},
                     {"Lambda-Runtime-Cognito-Identity", "{}"},
                     {"Lambda-Runtime-Aws-Tenant-Id", "blue"},
                     {"Lambda-Runtime-Invocation-Id", "attempt-1"}};
    server.add(first);
    Event second{.id = "second"};
    second.time_left = std::nullopt;
    server.add(second);
    Bootstrap bootstrap(server, root, root.script("handler", "env; ls -A"), raw);
    CHECK(environment_seen(server.next_post()).at("_X_AMZN_TRACE_ID") == "Root=1-a");
    const auto post = server.next_post();
    const auto seen = environment_seen(post);
    CHECK(seen.at("LAMBDA_RUNTIME_AWS_REQUEST_ID") == "second");
    for (const auto& [name, value] : seen) {
        INFO(name << "=" << value);
        CHECK(value.find("Root=1-a") == std::string::npos);
        CHECK(value.find("blue") == std::string::npos);
        CHECK(value != "first");
        CHECK(value != "attempt-1");
    }
    for (const auto* name :
         {"_X_AMZN_TRACE_ID", "LAMBDA_RUNTIME_TRACE_ID", "LAMBDA_RUNTIME_CLIENT_CONTEXT",
          "LAMBDA_RUNTIME_COGNITO_IDENTITY", "LAMBDA_RUNTIME_AWS_TENANT_ID",
          "LAMBDA_RUNTIME_DEADLINE_MS", "LAMBDA_RUNTIME_INVOCATION_ID"})
        CHECK(seen.count(name) == 0);
    CHECK_FALSE(post.header("Lambda-Runtime-Invocation-Id"));
}

TEST_CASE("what looks like an invocation in bootstrap's own environment is not passed on") {
    const auto seen =
        environment_seen(answer_of_script("env", {{"FORKLIFT_OUTPUT", "raw"},
                                                  {"_X_AMZN_TRACE_ID", "Root=stale"},
                                                  {"LAMBDA_RUNTIME_TRACE_ID", "Root=stale"},
                                                  {"LAMBDA_RUNTIME_DIR", "/var/runtime"}})
                             .request);
    CHECK(seen.count("_X_AMZN_TRACE_ID") == 0);
    CHECK(seen.count("LAMBDA_RUNTIME_TRACE_ID") == 0);
    CHECK(seen.at("LAMBDA_RUNTIME_DIR") == "/var/runtime");
}

TEST_CASE("a header does not overwrite a variable that is the platform's") {
    Event event;
    event.headers = {{"Lambda-Runtime-Dir", "/evil"}};
    const Variables environment{{"FORKLIFT_OUTPUT", "raw"}, {"LAMBDA_RUNTIME_DIR", "/var/runtime"}};
    const auto seen = environment_seen(answer_of_script("env", environment, event).request);
    CHECK(seen.at("LAMBDA_RUNTIME_DIR") == "/var/runtime");
}

TEST_CASE("a header that means the same variable does not take the place of the true one") {
    Event event;
    event.headers = {{"Lambda-Runtime-Aws_Request_Id", "forged"}};
    const auto posted = answer_of_script("env", {{"FORKLIFT_OUTPUT", "raw"}}, event);
    CHECK(environment_seen(posted.request).at("LAMBDA_RUNTIME_AWS_REQUEST_ID") == event.id);
    CHECK(contains(posted.errors, "\"Lambda-Runtime-Aws_Request_Id\" is left out"));
}

TEST_CASE("a program is not told of descriptors that it does not get") {
    const Variables environment{{"FORKLIFT_OUTPUT", "raw"}, {"_LAMBDA_TELEMETRY_LOG_FD", "9"}};
    const auto seen = environment_seen(answer_of_script("env", environment).request);
    CHECK(seen.count("_LAMBDA_TELEMETRY_LOG_FD") == 0);
}

TEST_CASE("the environment of the function reaches the program unchanged") {
    const auto seen = environment_seen(
        answer_of_script("env", {{"FORKLIFT_OUTPUT", "raw"}, {"MINE", "a=b c"}, {"BLANK", ""}})
            .request);
    CHECK(seen.at("MINE") == "a=b c");
    CHECK(seen.at("BLANK").empty());
    CHECK(seen.at("_HANDLER") == "handler");
    CHECK(seen.count("LAMBDA_TASK_ROOT") == 1);
    CHECK(seen.at("TZ") == ":UTC");
}

TEST_CASE("a program does not see where the Runtime API is") {
    const auto seen = environment_seen(answer_of_script("env", raw).request);
    CHECK(seen.count("AWS_LAMBDA_RUNTIME_API") == 0);
}

TEST_CASE("the invocation id is echoed by an answer and by an error") {
    Event event;
    event.headers = {{"Lambda-Runtime-Invocation-Id", "attempt-7"}};
    const auto answered = answer_of_script("echo 1", {}, event).request;
    CHECK(answered.header("Lambda-Runtime-Invocation-Id") == "attempt-7");
    CHECK(answered.message.count("Lambda-Runtime-Invocation-Id") == 1);
    const auto failed = answer_of_script("exit 1", {}, event).request;
    CHECK(failed.path == error_path());
    CHECK(failed.header("Lambda-Runtime-Invocation-Id") == "attempt-7");
}

TEST_CASE("without an invocation id none is sent") {
    CHECK_FALSE(answer_of_script("echo 1").request.header("Lambda-Runtime-Invocation-Id"));
    CHECK_FALSE(answer_of_script("exit 1").request.header("Lambda-Runtime-Invocation-Id"));
}

TEST_CASE("a program starts in the folder that bootstrap started in") {
    TaskRoot root;
    root.script("deep/handler", "pwd -P");
    const auto body = Json(answer_to({}, root, "deep/handler").request.body()).text();
    CHECK(body == std::filesystem::canonical(root.path()).string());
}

TEST_CASE("a program has its three streams and no descriptor more") {
    const auto posted = answer_of_script("exec ls /proc/self/fd", raw);
    // The fourth is the one that ls reads the folder with.
    CHECK(posted.request.body() == "0\n1\n2\n3\n");
}

// [not-emulated]: QEMU keeps two real-time signals for itself, and children inherit them as
// ignored.
TEST_CASE("a program starts with no signal blocked or ignored", "[not-emulated]") {
    const auto posted =
        answer_of_script("exec sed -nE 's/^Sig(Blk|Ign):\\t/0x/p' /proc/self/status", raw);
    std::istringstream lines(posted.request.body());
    unsigned long blocked = 1;
    unsigned long ignored = 1;
    lines >> std::hex >> blocked >> ignored;
    CHECK(blocked == 0);
    // The GNU C library keeps its own two signals, 32 and 33, to itself.
    CHECK((ignored & ~0x180000000UL) == 0);
}

TEST_CASE("a program leads a process group of its own") {
    const auto posted = answer_of_script("echo $$; exec cut -d' ' -f5 /proc/self/stat", raw);
    std::istringstream lines(posted.request.body());
    int pid = 0;
    int group = -1;
    lines >> pid >> group;
    CHECK(pid > 0);
    CHECK(pid == group);
}

TEST_CASE("a program's stdin is a file that stands at its beginning") {
    const Event event{.payload = "\"abc\""};
    CHECK(answer_of_script("cat; cat /dev/stdin | wc -c", raw, event).request.body() ==
          "\"abc\"5\n");
}

TEST_CASE("bootstrap works when it is started with its streams closed") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.payload = "\"in\""});
    BootstrapOptions options;
    options.handler = root.script("handler", "echo to-stderr >&2; cat");
    options.wrapper = {"/bin/sh", "-c", "exec \"$0\" \"$@\" <&- >&- 2>&-"};
    Bootstrap bootstrap(server, root, options);
    CHECK(server.next_post().body() == "\"in\"");
    server.wait_until_idle();
}
