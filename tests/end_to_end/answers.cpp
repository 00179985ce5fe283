#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::string_literals;

namespace {

/// The body of the response to a program that prints `text`, octal escapes included.
std::string body_for(const std::string& text, const Variables& environment = {}) {
    const auto posted = answer_of_script("printf '" + text + "'", environment);
    CHECK(posted.request.path == response_path());
    return posted.request.body();
}

}  // namespace

TEST_CASE("an answer is posted as the Runtime API has it") {
    const auto posted = answer_of_script("cat", {}, {.payload = R"({"name": "Ada"})"});
    CHECK(posted.request.method == "POST");
    CHECK(posted.request.path == response_path());
    CHECK(posted.request.body() == R"({"name": "Ada"})");
    CHECK(posted.request.header("Content-Type") == "application/json");
    CHECK(posted.request.header("Content-Length") == "15");
    CHECK(posted.request.message.count("Content-Type") == 1);
    CHECK_FALSE(posted.request.header("Lambda-Runtime-Function-Error-Type"));
    CHECK_FALSE(posted.request.header("Lambda-Runtime-Function-Response-Mode"));
    CHECK_FALSE(posted.request.header("Expect"));
}

TEST_CASE("the request for the next event has no body and says who asks") {
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    server.wait_until_idle();
    const auto request = server.requests().at(0);
    CHECK(request.method == "GET");
    CHECK(request.path == "/2018-06-01/runtime/invocation/next");
    CHECK(request.body().empty());
    CHECK(request.header("Host") == server.address());
    CHECK(begins_with(request.header("User-Agent").value_or(""), "forklift/"));
}

TEST_CASE("JSON passes byte for byte") {
    const auto* json = " {\"b\" : 1.0,\t\"a\":\"\\u00e9/\\/\" }\r\n\n";
    CHECK(answer_of_script("cat", {}, {.payload = json}).request.body() == json);
}

TEST_CASE("text becomes a JSON string without its last newline") {
    CHECK(body_for("hello\\n") == "\"hello\"");
    CHECK(body_for("two\\nlines\\n\\n") == "\"two\\nlines\\n\"");
    CHECK(body_for("say \"hi\"") == R"("say \"hi\"")");
}

TEST_CASE("a byte that is not UTF-8 makes the answer a JSON string of base64") {
    CHECK(body_for("\\377\\000\\001") == "\"/wAB\"");
}

TEST_CASE("no output is an empty JSON string") {
    CHECK(body_for("") == "\"\"");
    CHECK(body_for("", {{"FORKLIFT_OUTPUT", "text"}}) == "\"\"");
    CHECK(body_for("", {{"FORKLIFT_OUTPUT", "base64"}}) == "\"\"");
}

TEST_CASE("output can be asked for as text") {
    CHECK(body_for("{}\\n", {{"FORKLIFT_OUTPUT", "text"}}) == "\"{}\"");
}

TEST_CASE("output can be asked for as base64") {
    CHECK(body_for("foobar", {{"FORKLIFT_OUTPUT", "base64"}}) == "\"Zm9vYmFy\"");
}

TEST_CASE("output can be asked for as it is") {
    const auto posted = answer_of_script("printf 'a\\377\\000\\n'", {{"FORKLIFT_OUTPUT", "raw"}});
    CHECK(posted.request.path == response_path());
    CHECK(posted.request.body() == "a\xff\0\n"s);
    CHECK(posted.request.header("Content-Type") == "application/octet-stream");
    CHECK(body_for("", {{"FORKLIFT_OUTPUT", "raw"}}).empty());
}

TEST_CASE("output that is asked for as JSON passes when it is JSON") {
    CHECK(body_for("[1]\\n", {{"FORKLIFT_OUTPUT", "json"}}) == "[1]\n");
}

TEST_CASE("the content type is the one asked for") {
    const Variables environment{{"FORKLIFT_OUTPUT", "raw"}, {"FORKLIFT_CONTENT_TYPE", "image/png"}};
    CHECK(answer_of_script("printf x", environment).request.header("Content-Type") == "image/png");
}

TEST_CASE("an HTTP response stream is posted as the response that it stands for") {
    const Variables streaming{
        {"FORKLIFT_OUTPUT", "raw"},
        {"FORKLIFT_CONTENT_TYPE", "application/vnd.awslambda.http-integration-response"}};
    const std::string prelude = R"({"statusCode":201,"cookies":["a=1","b=2"]})";
    const auto posted =
        answer_of_script("printf '" + prelude + R"(\0\0\0\0\0\0\0\0Hello')", streaming);
    CHECK(posted.request.path == response_path());
    CHECK(posted.request.header("Content-Type") == "application/json");
    const Json answer(posted.request.body());
    CHECK(answer.number("/statusCode") == 201);
    CHECK(answer.texts("/cookies") == std::vector<std::string>{"a=1", "b=2"});
    CHECK(answer.text("/body") == "Hello");
    const auto broken = answer_of_script("printf '{\"statusCode\":201}Hello'", streaming);
    CHECK(broken.request.path == error_path());
    CHECK(contains(broken.request.body(), "Function.InvalidOutput"));
}

TEST_CASE("what a program writes to stderr passes unchanged and is no part of the answer") {
    const auto posted = answer_of_script("printf 'one\\ntw' >&2; printf 'o\\n' >&2; echo 1");
    CHECK(posted.request.body() == "1\n");
    CHECK(contains(posted.errors, "one\ntwo\n"));
}

TEST_CASE("nothing that is in an event reaches the log") {
    const auto posted =
        answer_of_script("cat >/dev/null; exit 1", {}, {.payload = "\"hush-my-secret\""});
    CHECK(posted.request.path == error_path());
    CHECK_FALSE(contains(posted.errors, "hush-my-secret"));
}

TEST_CASE("a program that reads no event answers all the same") {
    for (const auto* lines : {"echo 1", "exec 0<&-; echo 1", "head -c 1 >/dev/null; echo 1"}) {
        Event event{.payload = "\"" + std::string(1024 * 1024, 'x') + "\""};
        CHECK(answer_of_script(lines, {}, event).request.body() == "1\n");
    }
}

TEST_CASE("an event need not be JSON and may be empty") {
    CHECK(answer_of_script("wc -c | tr -d ' '", {}, {.payload = ""}).request.body() == "0\n");
    Event event{.payload = "\xff\0\r\n"s};
    CHECK(answer_of_script("od -An -tx1 | tr -d ' \\n'", {}, event).request.body() ==
          "\"ff000d0a\"");
}

TEST_CASE("one answer follows the other") {
    RuntimeApiServer server;
    TaskRoot root;
    for (int i = 1; i <= 5; ++i)
        server.add({.payload = std::to_string(i), .id = "id-" + std::to_string(i)});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    for (int i = 1; i <= 5; ++i) {
        const auto post = server.next_post();
        CHECK(post.path == response_path("id-" + std::to_string(i)));
        CHECK(post.body() == std::to_string(i));
    }
    server.wait_until_idle();
    CHECK(server.connections() == 1);
}
