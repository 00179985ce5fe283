#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/json.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;

/// The fields behind a chunked body. Whoever lets a request in looks at its headers, before the
/// trailers are there: these must not be taken for headers (RFC 9110, 6.5.1).
namespace {

HttpMessage send_chunked(std::uint16_t port, const std::string& path, const std::string& body,
                         const std::string& trailers) {
    auto stream = HttpStream::connect(port);
    stream.write("POST " + path +
                 " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n" +
                 std::to_string(body.size()) + "\r\n" + body + "\r\n0\r\n" + trailers + "\r\n");
    auto answer = stream.read_message();
    REQUIRE(answer);
    return *answer;
}

/// A runtime that ends its answer to every event with these trailers.
std::string runtime_with_trailers(const std::string& trailers) {
    return "exec python3 -c '\n"
           "import http.client, os\n"
           "api = http.client.HTTPConnection(os.environ[\"AWS_LAMBDA_RUNTIME_API\"])\n"
           "while True:\n"
           "    api.request(\"GET\", \"/2018-06-01/runtime/invocation/next\")\n"
           "    event = api.getresponse()\n"
           "    event.read()\n"
           "    event_id = event.headers[\"Lambda-Runtime-Aws-Request-Id\"]\n"
           "    path = \"/2018-06-01/runtime/invocation/\" + event_id + \"/response\"\n"
           "    head = \"POST \" + path + \" HTTP/1.1\\r\\nHost: localhost\\r\\n"
           "Transfer-Encoding: chunked\\r\\n\\r\\n\"\n"
           "    api.sock.sendall((head + \"4\\r\\nhalf\\r\\n0\\r\\n" +
           trailers +
           "\\r\\n\").encode())\n"
           "    http.client.HTTPResponse(api.sock).begin()\n"
           "    api.close()\n"
           "'";
}

}  // namespace

TEST_CASE("trailers of a client are no headers of the event") {
    TaskRoot root;
    root.script("echo.sh", "exec cat");
    const ForkliftServe server({root.path_of("echo.sh")});
    const auto answer = send_chunked(server.port(), "/", "hello",
                                     "Authorization: Bearer forged\r\nCookie: session=forged\r\n"
                                     "X-Forwarded-User: root\r\nX-Forwarded-For: 10.0.0.1\r\n");
    CHECK(answer.status() == 200);
    const Json event(answer.body);
    CHECK(event.text("/body") == "hello");
    CHECK(event.text("/headers/x-forwarded-for") == "127.0.0.1");
    CHECK_FALSE(event.has("/headers/authorization"));
    CHECK_FALSE(event.has("/headers/x-forwarded-user"));
    CHECK_FALSE(event.has("/cookies"));
    CHECK_FALSE(contains(answer.body, "forged"));
}

TEST_CASE("trailers of a client do not change what the Invoke API does") {
    TaskRoot root;
    root.script("context.sh", "printf '\"%s\"' \"$LAMBDA_RUNTIME_AWS_TENANT_ID\"");
    const ForkliftServe server({root.path_of("context.sh")});
    const auto answer = send_chunked(server.port(), "/2015-03-31/functions/f/invocations", "{}",
                                     "X-Amz-Invocation-Type: DryRun\r\nX-Amz-Tenant-Id: forged\r\n"
                                     "X-Amz-Log-Type: Tail\r\n");
    CHECK(answer.status() == 200);
    CHECK(answer.body == "\"\"");
    CHECK_FALSE(answer.header("X-Amz-Log-Result"));
}

TEST_CASE("a runtime tells by trailers that its answer broke off, announced or not") {
    TaskRoot root;
    root.script("greet.sh", "exit 1");
    root.script("foreign",
                runtime_with_trailers("Lambda-Runtime-Function-Error-Type: Function.HalfWay\\r\\n"
                                      "Lambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\\r\\n"));
    const ForkliftServe server({root.path_of("greet.sh"), "--bootstrap", root.path_of("foreign")});
    const auto answer = exchange(server.port(), "POST", "/2015-03-31/functions/f/invocations",
                                 {{"X-Amz-Log-Type", "Tail"}}, "{}");
    CHECK(answer.header("X-Amz-Function-Error") == "Unhandled");
    CHECK(answer.body == R"({"a":1})");
}
