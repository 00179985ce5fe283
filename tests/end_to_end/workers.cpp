#include <csignal>
#include <set>

#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// What a worker reads, and what becomes of what it writes.
namespace {

/// A framed worker in shell, for events of one line: what `reply` prints follows each request,
/// whose id stands in $id and whose body in $event.
std::string framed_loop(const std::string& reply) {
    return R"(cr=$(printf '\r')
while IFS= read -r header; do
  header=${header%"$cr"}
  case $header in
    Lambda-Runtime-Aws-Request-Id:*) id=${header#*: } ;;
    Content-Length:*) length=${header#*: } ;;
    '') event=$(dd bs=1 count="$length" 2>/dev/null)
)" + reply +
           R"(
      ;;
  esac
done)";
}

const std::string framed_answer =
    R"(printf 'Lambda-Runtime-Aws-Request-Id: %s\r\nContent-Length: %s\r\n\r\n%s' )"
    R"("$id" "${#event}" "$event")";

}  // namespace

TEST_CASE("one worker answers one event after another") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler",
                "n=0\n" + worker_loop("n=$((n+1)); echo \"{\\\"pid\\\":$$,\\\"n\\\":$n}\""));
    Bootstrap bootstrap(server, root, "handler", as_worker());
    std::set<std::int64_t> pids;
    for (int n = 1; n <= 5; ++n) {
        server.add({});
        const auto post = server.next_post();
        CHECK(post.path == response_path());
        CHECK(Json(post.body()).number("/n") == n);
        pids.insert(Json(post.body()).number("/pid"));
    }
    CHECK(pids.size() == 1);
}

TEST_CASE("a worker of lines reads the event as one line of minified JSON") {
    const auto read = [](const std::string& payload) {
        return answer_of_script(worker_loop("printf '%s\\n' \"$event\""), as_worker(),
                                event_of(payload))
            .request.body();
    };
    CHECK(read("{\n  \"a b\" : [ 1, \"x\\ty  z\" ]\r\n}\n") == R"({"a b":[1,"x\ty  z"]})");
    CHECK(read("\"\\u2028 \\n\"") == "\"\\u2028 \\n\"");
    CHECK(read("") == "\"\"");
}

TEST_CASE("an event that is not JSON never reaches a worker of lines") {
    const auto posted = answer_of_script(worker_loop("echo \"$event\""), as_worker(),
                                         event_of("{\"a\":1}\n{\"b\":2}"));
    CHECK(posted.request.path == error_path());
    CHECK(Json(posted.request.body()).text("/errorType") == "Function.InvalidEvent");
}

TEST_CASE("a worker's line is the answer in the form that output names") {
    const auto answer = [](const std::string& printed, Variables more = {}) {
        return answer_of_script(worker_loop("printf '" + printed + "\\n'"), as_worker(more))
            .request;
    };
    CHECK(answer("{\"a\": 1}").body() == "{\"a\": 1}");
    CHECK(answer("plain text").body() == "\"plain text\"");
    CHECK(answer("plain\\r").body() == "\"plain\"");
    CHECK(answer("").body() == "\"\"");
    CHECK(answer("x", {{"FORKLIFT_OUTPUT", "raw"}}).body() == "x");
    const auto typed =
        answer("<p>", {{"FORKLIFT_OUTPUT", "raw"}, {"FORKLIFT_CONTENT_TYPE", "text/html"}});
    CHECK(typed.header("Content-Type") == "text/html");
    CHECK(answer("x", {{"FORKLIFT_OUTPUT", "json"}}).path == error_path());
}

TEST_CASE("an object with errorType and errorMessage is the error of a worker") {
    const auto posted = answer_of_script(
        worker_loop(
            R"(echo '{"errorType":"Shop.SoldOut","errorMessage":"no tea","stackTrace":["a","b"]}')"),
        as_worker());
    CHECK(posted.request.path == error_path());
    CHECK(posted.request.header("Lambda-Runtime-Function-Error-Type") == "Shop.SoldOut");
    const Json body(posted.request.body());
    CHECK(body.text("/errorMessage") == "no tea");
    CHECK(body.texts("/stackTrace") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a worker is told the protocol, and nothing of an event by its environment") {
    const auto posted = answer_of_script(
        worker_loop(R"(echo "\"$FORKLIFT_WORKER ${LAMBDA_RUNTIME_AWS_REQUEST_ID-none} )"
                    R"(${AWS_LAMBDA_RUNTIME_API-none}\"")"),
        as_worker());
    CHECK(posted.request.body() == "\"lines/1 none none\"");
    const auto framed_one = answer_of_script(
        framed_loop("event=\"\\\"$FORKLIFT_WORKER\\\"\"\n" + framed_answer), as_framed_worker());
    CHECK(framed_one.request.body() == "\"framed/1\"");
}

TEST_CASE("a framed worker gets the headers of the invocation and answers by its id") {
    Event with_headers;
    with_headers.payload = "[1]";
    with_headers.headers = {{"Lambda-Runtime-Trace-Id", "Root=1-2-3"},
                            {"Lambda-Runtime-New-Thing", "new"}};
    const auto posted =
        answer_of_script("exec " + helper("framed_headers"), as_framed_worker(), with_headers);
    const Json body(posted.request.body());
    CHECK(body.text("/Lambda-Runtime-Aws-Request-Id") == Event().id);
    CHECK(body.text("/Lambda-Runtime-Trace-Id") == "Root=1-2-3");
    CHECK(body.text("/Lambda-Runtime-New-Thing") == "new");
    CHECK(body.has("/Lambda-Runtime-Deadline-Ms"));
    CHECK(body.text("/Content-Length") == "3");
}

TEST_CASE("a framed worker gets headers whatever bytes are in them") {
    for (const std::string value : {"a\x7f"
                                    "b",
                                    "a\x01"
                                    "b",
                                    "a\xff"
                                    "b"}) {
        Event event;
        event.headers = {{"Lambda-Runtime-Client-Context", value}};
        const auto posted = answer_of_script("exec " + helper("framed_headers"),
                                             as_framed_worker({{"FORKLIFT_OUTPUT", "raw"}}), event);
        CHECK(posted.request.path == response_path());
        CHECK(
            contains(posted.request.body(), "\"Lambda-Runtime-Client-Context\":\"" + value + "\""));
    }
}

TEST_CASE("a line that a worker writes before its first event is shown, with what to do about it") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add(event_of("1"));
    Bootstrap bootstrap(
        server, root,
        root.script("handler", "echo 'loading model...'; " + worker_loop("echo $event")),
        as_worker());
    const auto post = server.next_post();
    CHECK(contains(post.path, "error"));
    INFO(post.body());
    CHECK(contains(error_message(post), "\"loading model...\""));
    CHECK(contains(error_message(post), "stderr"));
    CHECK(contains(error_message(post), "wait_ready"));
}

TEST_CASE("a worker that ends as it starts is the error of the event that has come by then") {
    TaskRoot root;
    const auto script = root.path_of(root.script("handler", "exit 3"));
    for (int i = 0; i < 10; ++i) {
        const auto finished = run_forklift({"invoke", script, "{}", "--env", "FORKLIFT_MODE=worker",
                                            "--env", "FORKLIFT_FRAMING=lines"});
        CHECK(contains(finished.output, "Function.WorkerExit"));
    }
}

TEST_CASE("a worker of lines that is waited for may greet with its first line") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add(event_of("1"));
    server.add(event_of("2"));
    Bootstrap bootstrap(
        server, root,
        root.script("handler", "echo 'loading model...'; " + worker_loop("echo $event")),
        as_worker({{"FORKLIFT_WAIT_READY", "true"}}));
    CHECK(server.next_post().body() == "1");
    CHECK(server.next_post().body() == "2");
}

TEST_CASE("large events and answers pass through a worker byte for byte") {
    const std::string large = "\"" + std::string(6'000'000, 'x') + "\"";
    CHECK(answer_of_script("exec cat", as_worker(), event_of(large)).request.body() == large);
}

TEST_CASE("an answer over the limit is an error, and the worker goes on") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler",
                worker_loop("case $event in *large*) head -c 3000 /dev/zero | tr '\\0' x; echo;; "
                            "*) echo $$;; esac"));
    for (const auto* payload : {"1", "\"large\"", "2"}) server.add(event_of(payload));
    Bootstrap bootstrap(server, root, "handler", as_worker({{"FORKLIFT_MAX_OUTPUT", "1000"}}));
    const auto first = server.next_post().body();
    const auto second = server.next_post();
    CHECK(second.header("Lambda-Runtime-Function-Error-Type") == "Function.ResponseSizeTooLarge");
    CHECK(contains(second.body(), "1000"));
    CHECK(server.next_post().body() == first);
}

TEST_CASE("what a worker writes to stderr is in the log before its answer is posted") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", worker_loop("echo \"line for $event\" >&2; echo 1"));
    Bootstrap bootstrap(server, root, "handler", as_worker());
    for (int n = 0; n < 50; ++n) {
        server.add(event_of(std::to_string(n)));
        server.next_post();
        CHECK(contains(bootstrap.wait_for_errors("line for " + std::to_string(n) + "\n"), "line"));
    }
}

TEST_CASE("options that a worker cannot have are named at init") {
    const auto message = [](const Variables& environment) {
        RuntimeApiServer server;
        TaskRoot root;
        Bootstrap bootstrap(server, root, root.script("handler", "cat"), environment);
        const auto post = server.next_post();
        CHECK(post.path == "/2018-06-01/runtime/init/error");
        CHECK(bootstrap.wait().exit == 1);
        return Json(post.body()).text("/errorMessage");
    };
    CHECK(contains(message(as_worker({{"FORKLIFT_RECORDS", "/Records"}})), "/records"));
    CHECK(contains(message(as_worker({{"FORKLIFT_SCRATCH", "true"}})), "/scratch"));
    CHECK(contains(message(as_worker({{"FORKLIFT_COMMAND", "handler {/a}"}})), "/command/1"));
    CHECK(contains(message({{"FORKLIFT_MAX_REQUESTS", "5"}}), "/max_requests"));
    CHECK(contains(message(as_worker({{"FORKLIFT_FRAMING", "json"}})), "lines or framed"));
}
