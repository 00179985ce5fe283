#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/shim.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// Functions in JavaScript that write their answer to a stream.
namespace {

std::string streaming(const std::string& lines) {
    return "export const handler = awslambda.streamifyResponse(async (event, stream) => {\n" +
           lines + "\n});\n";
}

/// What the shim writes for one event, behind the message that it is ready.
std::string reply_to(const std::string& lines) {
    TaskRoot root;
    root.file("hello.mjs", streaming(lines));
    const auto finished = run_shim({"node"}, "node.mjs", root.path_of("hello.mjs"), shim_request());
    INFO(finished.errors);
    CHECK(finished.exit == 0);
    const std::string id = "Lambda-Runtime-Aws-Request-Id: 1\r\n";
    const auto begin = finished.output.find(id);
    return begin == std::string::npos ? "" : finished.output.substr(begin + id.size());
}

struct Failed {
    std::string type;
    std::string message;
};

/// The error of an event, after which the same worker has answered another.
Failed error_of(const std::string& lines) {
    TaskRoot root;
    root.file("hello.mjs",
              streaming("if (event.pid) return stream.end(`${process.pid}`);\n" + lines));
    RuntimeApiServer server;
    server.add(event_of(R"({"pid":true})"));
    server.add({});
    server.add(event_of(R"({"pid":true})"));
    Bootstrap bootstrap(server, root, "hello.handler");
    const auto first = server.next_post();
    const auto failed = server.next_post();
    CHECK(failed.path == error_path());
    CHECK(first.body() == server.next_post().body());
    return {error_type(failed), error_message(failed)};
}

const std::string http_type =
    "Content-Type: application/vnd.awslambda.http-integration-response\r\n";

}  // namespace

TEST_CASE("an HTTP response stream is its metadata, eight NULs and the body") {
    if (!has_tool("node")) return;
    const std::string nuls(8, '\0');
    const auto reply = reply_to(R"(
stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, cookies: ["a=1", "b=2"] });
stream.write("Hello");
stream.end();
)");
    CHECK(reply == http_type + "Transfer-Encoding: chunked\r\n\r\n" +
                       "32\r\n"
                       R"({"statusCode":201,"cookies":["a=1","b=2"]})" +
                       nuls + "\r\n5\r\nHello\r\n0\r\n\r\n");
    const auto empty =
        reply_to("awslambda.HttpResponseStream.from(stream, { statusCode: 204 }).end();");
    CHECK(contains(empty, http_type));
    CHECK(contains(empty, R"({"statusCode":204})" + nuls + "\r\n0\r\n"));
    const auto typed = reply_to(
        "stream.setContentType('text/html');\n"
        "awslambda.HttpResponseStream.from(stream, { statusCode: 200 }).end();");
    CHECK(contains(typed, http_type));
    CHECK_FALSE(contains(typed, "text/html"));
}

TEST_CASE("metadata of an HTTP response that is no JSON object is an error of the event") {
    if (!has_tool("node")) return;
    for (const auto* metadata :
         {"7", "[]", "null", "undefined", "'text'", "() => 1", "{ toJSON: () => 7 }",
          "{ statusCode: 200n }", "(() => { const a = {}; a.a = a; return a; })()"}) {
        const auto failed = error_of("awslambda.HttpResponseStream.from(stream, " +
                                     std::string(metadata) + ");\nstream.end('x');");
        CAPTURE(metadata, failed.message);
        CHECK(failed.type == "TypeError");
    }
    CHECK(error_of("awslambda.HttpResponseStream.from({}, {});").type == "TypeError");
}

TEST_CASE("what comes too late for a response stream is an error of the event") {
    if (!has_tool("node")) return;
    for (const auto* late : {"awslambda.HttpResponseStream.from(stream, { statusCode: 201 });",
                             "stream.setContentType('text/html');"}) {
        const auto failed = error_of("stream.write('x');\n" + std::string(late));
        CAPTURE(late, failed.message);
        CHECK(failed.type == "Runtime.InvalidStreamingOperation");
    }
    const auto failed = error_of(
        "awslambda.HttpResponseStream.from(stream, {});\nstream.setContentType('text/html');");
    CHECK(failed.type == "Runtime.InvalidStreamingOperation");
    CHECK(contains(failed.message, "headers of its metadata"));
}

TEST_CASE("an HTTP response stream arrives as the buffered answer that it stands for") {
    if (!has_tool("node")) return;
    TaskRoot root;
    root.file("st.mjs", streaming(R"(
stream = awslambda.HttpResponseStream.from(stream, {
  statusCode: 201, headers: { "Content-Type": "text/x-own" }, cookies: ["a=1", "b=2"] });
stream.write("Hello, ");
stream.end("stream");
)"));
    const auto posted = answer_to({}, root, "st.handler");
    CHECK(posted.request.path == response_path());
    const Json answer(posted.request.body());
    CHECK(answer.number("/statusCode") == 201);
    CHECK(answer.texts("/cookies") == std::vector<std::string>{"a=1", "b=2"});
    CHECK(answer.text("/body") == "Hello, stream");

    const ForkliftServe server({root.path_of("st.handler")});
    const auto response = exchange(server.port(), "GET", "/", {}, "");
    CHECK(response.status() == 201);
    CHECK(response.header("Content-Type") == "text/x-own");
    CHECK(response.count("Set-Cookie") == 2);
    CHECK(response.body == "Hello, stream");
}
