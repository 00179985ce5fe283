#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/json.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;

/// `forklift serve` as a function URL: what becomes of requests and of answers.
namespace {

/// Answers every event with itself.
struct Echo {
    TaskRoot root;
    ForkliftServe server{{root.path_of(root.script("echo.sh", "exec cat"))}};

    Json event(const std::string& method, const std::string& target, const HttpFields& headers = {},
               const std::string& body = {}) const {
        const auto answer = exchange(server.port(), method, target, headers, body);
        CHECK(answer.status() == 200);
        CHECK(answer.header("Content-Type") == "application/json");
        return Json(answer.body);
    }
};

/// Answers every event with the same bytes.
struct Canned {
    TaskRoot root;
    ForkliftServe server;

    explicit Canned(const std::string& answer, std::vector<std::string> arguments = {})
        : server([&] {
              root.file("answer", answer);
              arguments.push_back(root.path_of(root.script("canned.sh", "exec cat answer")));
              arguments.insert(arguments.end(), {"--env", "FORKLIFT_OUTPUT=raw"});
              return arguments;
          }()) {}

    HttpMessage get() const {
        return exchange(server.port(), "GET", "/some/path?secret=1", {}, "");
    }
};

HttpMessage head_of(std::uint16_t port, const std::string& target) {
    auto stream = HttpStream::connect(port);
    stream.write("HEAD " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    auto head = stream.read_head();
    REQUIRE(head);
    // Nothing follows: the next answer begins where this one ends.
    stream.write("HEAD " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto next = stream.read_head();
    REQUIRE(next);
    CHECK(next->start_line == head->start_line);
    return *head;
}

}  // namespace

TEST_CASE("any request is the event of a function URL") {
    const Echo echo;
    const Json event = echo.event(
        "POST", "/a%20b/c?x=1&x=2&y=",
        {{"Content-Type", "text/plain"}, {"X-A", "1"}, {"X-A", "2"}, {"Cookie", "c=1; d=2"}},
        "héllo");
    CHECK(event.text("/version") == "2.0");
    CHECK(event.text("/rawPath") == "/a%20b/c");
    CHECK(event.text("/rawQueryString") == "x=1&x=2&y=");
    CHECK(event.text("/queryStringParameters/x") == "1,2");
    CHECK(event.text("/queryStringParameters/y").empty());
    CHECK(event.text("/headers/x-a") == "1,2");
    CHECK(event.text("/headers/x-forwarded-for") == "127.0.0.1");
    CHECK(event.texts("/cookies") == std::vector<std::string>{"c=1", "d=2"});
    CHECK(event.text("/requestContext/http/method") == "POST");
    CHECK(event.text("/requestContext/http/sourceIp") == "127.0.0.1");
    CHECK(event.text("/requestContext/http/protocol") == "HTTP/1.1");
    CHECK(event.text("/body") == "héllo");
}

TEST_CASE("every method and every path but those of Lambda's API is the function's") {
    const Echo echo;
    for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}) {
        CAPTURE(method);
        CHECK(echo.event(method, "/").text("/requestContext/http/method") == method);
    }
    for (const auto* path :
         {"/", "//", "/2015-03-31", "/2015-03-31/posts", "/2015-03-30/functions/f",
          "/blog/2015-03-31/functions", "//2015-03-31/functions"})
        CHECK(echo.event("POST", path).text("/rawPath") == path);
    CHECK(echo.event("OPTIONS", "*").text("/rawPath") == "/");
    const auto invoked =
        exchange(echo.server.port(), "POST", "/2015-03-31/functions/x/invocations", {}, "[1]");
    CHECK(invoked.body == "[1]");
    CHECK(exchange(echo.server.port(), "GET", "/2015-03-31/functions/x/invocations", {}, "")
              .status() == 405);
}

TEST_CASE("the request's id and trace are the invocation's and the answer's") {
    TaskRoot root;
    root.script("ids.sh",
                "echo \"[\\\"$LAMBDA_RUNTIME_AWS_REQUEST_ID\\\", "
                "\\\"$_X_AMZN_TRACE_ID\\\", $(cat)]\"");
    const ForkliftServe server({root.path_of("ids.sh")});
    const auto answer =
        exchange(server.port(), "GET", "/", {{"X-Amzn-Trace-Id", "Root=1-2-3"}}, "");
    const Json ids(answer.body);
    CHECK(answer.header("x-amzn-RequestId") == ids.text("/0"));
    CHECK(ids.text("/2/requestContext/requestId") == ids.text("/0"));
    CHECK(ids.text("/1") == "Root=1-2-3");
    CHECK(ids.text("/2/headers/x-amzn-trace-id") == "Root=1-2-3");
    CHECK(answer.header("Date"));
}

TEST_CASE("a function answers with status, headers, cookies and body") {
    const Canned canned(R"({"statusCode":418,"headers":{"Content-Type":"text/html","Server":"mine",
        "Date":"Thu, 01 Jan 1970 00:00:00 GMT","Connection":"close","Content-Length":"999"},
        "cookies":["a=1; Path=/","b=2"],"body":"<p>\u00e4</p>"})");
    const auto answer = canned.get();
    CHECK(answer.status() == 418);
    CHECK(answer.header("Content-Type") == "text/html");
    CHECK(answer.count("Server") == 1);
    CHECK(answer.header("Server") == "mine");
    CHECK(answer.count("Date") == 1);
    CHECK(answer.header("Date") == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(answer.count("Set-Cookie") == 2);
    CHECK(answer.header("Set-Cookie") == "a=1; Path=/");
    CHECK(answer.header("Content-Length") == "9");
    CHECK_FALSE(answer.header("Connection"));
    CHECK(answer.body == "<p>ä</p>");
}

TEST_CASE("a binary body arrives as it is") {
    const Canned canned(R"({"statusCode":200,"headers":{"Content-Type":"image/gif"},
                            "body":"AAECAwQFBv/+","isBase64Encoded":true})");
    CHECK(canned.get().body == std::string("\0\1\2\3\4\5\6\xff\xfe", 9));
}

TEST_CASE("an answer without a statusCode is sent as JSON") {
    const Canned canned("{\"greeting\": \"hi\"}");
    const auto answer = canned.get();
    CHECK(answer.status() == 200);
    CHECK(answer.header("Content-Type") == "application/json");
    CHECK(answer.body == "{\"greeting\": \"hi\"}");
}

TEST_CASE("a malformed answer is 502 and the log says what is wrong") {
    Canned canned(R"({"statusCode":200,"headers":{"X-Number":5},"body":"private"})");
    const auto answer = canned.get();
    CHECK(answer.status() == 502);
    CHECK(answer.body == "Internal Server Error");
    const auto log = canned.server.wait_for_errors("no HTTP response");
    CHECK(contains(log, "GET /some/path"));
    CHECK(contains(log, "the header X-Number is a number; it must be a string"));
    CHECK(contains(log, *answer.header("x-amzn-RequestId")));
    for (const auto* hidden : {"private", "secret"}) CHECK_FALSE(contains(log, hidden));
}

TEST_CASE("an answer with a header that is too large is 502, and the log names it") {
    Canned canned(R"({"statusCode":200,"headers":{"X-Large":")" + std::string(70'000, 'x') +
                  R"("}})");
    CHECK(canned.get().status() == 502);
    const auto log = canned.server.wait_for_errors("no HTTP response");
    CHECK(contains(log, "the header X-Large has 70007 bytes; a header may have 61440"));
    CHECK(canned.get().status() == 502);
}

TEST_CASE("trailers that are too large are 431, and the next request is answered") {
    const Echo echo;
    for (const std::size_t size : {70'000, 65'500}) {
        CAPTURE(size);
        auto stream = HttpStream::connect(echo.server.port());
        stream.write(
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n0\r\nX-Trailer: " +
            std::string(size, 'x') + "\r\n\r\n");
        const auto answer = stream.read_message();
        REQUIRE(answer);
        CHECK(answer->status() == (size == 70'000 ? 431 : 200));
    }
    CHECK(echo.event("GET", "/").text("/rawPath") == "/");
}

TEST_CASE("a failed function is 502 and the log says why") {
    TaskRoot root;
    root.script("fail.sh",
                "echo '{\"errorType\":\"NoTea\",\"errorMessage\":\"none left\"}'; exit 3");
    ForkliftServe server({root.path_of("fail.sh")});
    const auto answer = exchange(server.port(), "GET", "/", {}, "");
    CHECK(answer.status() == 502);
    CHECK(answer.body == "Internal Server Error");
    CHECK(contains(server.wait_for_errors("GET / failed"), "none left"));
}

TEST_CASE("a function that is out of time is 502 and the next request is answered") {
    TaskRoot root;
    root.script("slow.sh", "case $(cat) in *wait-here*) sleep 60;; esac; printf 1");
    const ForkliftServe server({root.path_of("slow.sh"), "--timeout", "1"});
    CHECK(exchange(server.port(), "GET", "/wait-here", {}, "").status() == 502);
    CHECK(exchange(server.port(), "GET", "/", {}, "").body == "1");
}

TEST_CASE("a request that finds no environment free is 429") {
    TaskRoot root;
    root.script("wait.sh", "echo yes >started; until [ -e go ]; do sleep 0.02; done; printf 1");
    const ForkliftServe server({root.path_of("wait.sh"), "--timeout", "20"});
    auto first = HttpStream::connect(server.port());
    first.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    root.wait_for_file("started");
    const auto second = exchange(server.port(), "GET", "/", {}, "");
    CHECK(second.status() == 429);
    CHECK(second.header("x-amzn-ErrorType") == "TooManyRequestsException");
    root.file("go", "");
    CHECK(first.read_message()->body == "1");
}

TEST_CASE("HEAD is answered without a body, and 204 and 304 as well") {
    const Echo echo;
    const auto head = head_of(echo.server.port(), "/");
    CHECK(head.status() == 200);
    CHECK(std::stoi(*head.header("Content-Length")) > 100);
    for (const auto* status : {"204", "304"}) {
        const Canned canned(std::string(R"({"statusCode":)") + status + R"(,"body":"no"})");
        const auto answer = head_of(canned.server.port(), "/");
        CHECK(answer.word(1) == status);
        CHECK_FALSE(answer.header("Content-Length"));
        auto stream = HttpStream::connect(canned.server.port());
        for (int i = 0; i < 2; ++i) {
            stream.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            CHECK(stream.read_head()->word(1) == status);
        }
    }
}
