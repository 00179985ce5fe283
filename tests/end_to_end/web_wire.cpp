#include "tests/support/free_port.h"
#include "tests/support/one_shot.h"
#include "tests/support/site.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// What goes between a web server and mode http, byte by byte.
namespace {

/// Answers each request with the bytes of the file "answer", and appends each to "requests".
constexpr const char* raw_program = R"(
import os, socket

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    connection = listener.accept()[0]
    request = b""
    while b"\r\n\r\n" not in request and (more := connection.recv(65536)):
        request += more
    if request:
        with open("requests", "ab") as requests: requests.write(request)
        with open("answer", "rb") as answer: connection.sendall(answer.read())
    connection.close()
)";

/// A web server that answers just so.
class RawSite : public Site {
  public:
    explicit RawSite(const std::string& answer) : Site(raw_program, {}) {
        root.file("answer", answer);
    }
};

/// What the server has read of a request with these headers (members of an object).
std::string request_with(const std::string& headers) {
    RawSite site("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    site.answer(web("GET", "/", R"(,"headers":{)" + headers + "}"));
    return read_file(site.root.path_of("requests"));
}

/// The event of a load balancer without multi-value headers.
Event balanced(const std::string& path) {
    return {.payload = R"({"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET",)"
                       R"("path":")" +
                       path + R"(","queryStringParameters":{},"headers":{},"body":""})"};
}

}  // namespace

TEST_CASE("trailers of a web server's answer are dropped") {
    if (!has_tool("python3")) return;
    RawSite site(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n"
        "2\r\nhi\r\n0\r\nSet-Cookie: sid=1\r\nCache-Control: public\r\nContent-Type: "
        "text/html\r\n\r\n");
    const auto answer = site.answer(web("GET", "/"));
    CHECK(answer.text("/body") == "hi");
    CHECK(answer.text("/headers/Content-Type") == "text/plain");
    CHECK_FALSE(answer.has("/headers/Cache-Control"));
    CHECK_FALSE(answer.has("/cookies"));
}

TEST_CASE("an answer with two lengths is no answer") {
    if (!has_tool("python3")) return;
    RawSite site("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nhello");
    const auto error = site.error(web("GET", "/"));
    CHECK(contains(error.text("/errorMessage"), "Content-Length"));
}

TEST_CASE("a folded header of an answer is one value, and one of blanks alone is empty") {
    if (!has_tool("python3")) return;
    RawSite site(
        "HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\nX-Blank:  \t \r\nContent-Length: 2\r\n\r\nhi");
    const auto answer = site.answer(web("GET", "/"));
    CHECK(answer.text("/headers/X-Folded") == "one two");
    CHECK(answer.text("/headers/X-Blank").empty());
    CHECK(answer.text("/body") == "hi");
}

TEST_CASE("a load balancer's answer has every cookie, with multi-value headers or without") {
    if (!has_tool("python3")) return;
    RawSite site(
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n");
    const auto body = site.post(balanced("/")).body();
    CHECK(contains(body, "a=1"));
    CHECK(contains(body, "b=2"));
}

TEST_CASE("a client cannot send what only Lambda sends, in any spelling") {
    if (!has_tool("python3")) return;
    const auto request = request_with(
        R"("x-amzn-request-context":"forged1","X_Amzn_Lambda_Context":"forged2",)"
        R"("lambda_runtime_trace_id":"forged3","Lambda-Runtime-Deadline-Ms":"forged4",)"
        R"("Proxy":"http://forged5","content_length":"6","x-amz-tenant-id":"forged7",)"
        R"("X-Mine":"mine","x_also_mine":"mine")");
    CHECK_FALSE(contains(request, "forged"));
    CHECK_FALSE(contains(request, "content_length"));
    CHECK(contains(request, "X-Mine: mine\r\n"));
    CHECK(contains(request, "x_also_mine: mine\r\n"));
}

TEST_CASE("a header that no request can hold is left out, and the web server is asked") {
    if (!has_tool("python3")) return;
    RawSite site("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    auto event = web("GET", "/", R"(,"headers":{"X-Mine":"a\u0001b","X-Other":"yes"})");
    event.headers = {{"Lambda-Runtime-Client-Context",
                      "a\x01"
                      "b"},
                     {"Lambda-Runtime-Aws-Tenant-Id", "b\xff"}};
    site.answer(event);
    const auto request = read_file(site.root.path_of("requests"));
    CHECK_FALSE(contains(request, "X-Mine"));
    CHECK_FALSE(contains(request, "Client-Context"));
    CHECK(contains(request, "X-Other: yes\r\n"));
    CHECK(contains(request, "Lambda-Runtime-Aws-Tenant-Id: b\xff\r\n"));
    site.bootstrap->wait_for_errors("X-Mine");
    CHECK(contains(site.bootstrap->wait_for_errors("Lambda-Runtime-Client-Context"), "WARN"));
}

TEST_CASE("a request has one Host, that of the event or the server's own") {
    if (!has_tool("python3")) return;
    RawSite site("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    Event event{.payload = R"({"version":"1.0","httpMethod":"GET","path":"/","requestContext":{},)"
                           R"("multiValueHeaders":{"host":["one.example","two.example"]}})"};
    site.answer(event);
    const auto named = read_file(site.root.path_of("requests"));
    CHECK(contains(named, "\r\nHost: one.example\r\n"));
    CHECK_FALSE(contains(named, "two.example"));
    site.answer(web("GET", "/"));
    CHECK(contains(read_file(site.root.path_of("requests")), "\r\nHost: 127.0.0.1:" + site.port()));
}

TEST_CASE("an authorizer's event is posted to the server whole, for it is no request") {
    if (!has_tool("python3")) return;
    const std::string v1 =
        R"({"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:1:a/s/GET/x","path":"/x",)"
        R"("httpMethod":"GET","headers":{},"requestContext":{"path":"/x","httpMethod":"GET"}})";
    const std::string v2 =
        R"({"version":"2.0","type":"REQUEST","routeArn":"arn:aws:execute-api:eu-west-1:1:a/s/GET/x",)"
        R"("rawPath":"/x","identitySource":["u"],"requestContext":{"http":{"method":"GET"}}})";
    for (const auto& event : {v1, v2}) {
        RawSite site(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            "Content-Length: 21\r\n\r\n{\"isAuthorized\":true}");
        CHECK(site.post({.payload = event}).body() == R"({"isAuthorized":true})");
        const auto request = read_file(site.root.path_of("requests"));
        CHECK(begins_with(request, "POST / HTTP/1.1\r\n"));
    }
}
