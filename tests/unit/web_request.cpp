#include "protocol/web_request.h"

#include "tests/test.h"

using namespace forklift::protocol;

/// The events are those of AWS's own documentation, shortened.
namespace {

constexpr const char* function_url = R"({
  "version": "2.0", "routeKey": "$default", "rawPath": "/my/p%C3%A4th",
  "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=a%20b",
  "cookies": ["cookie1=a", "cookie2=b"],
  "headers": {"header1": "value1", "header2": "value1,value2", "host": "x.lambda-url.on.aws",
              "connection": "close", "content-length": "20", "content-type": "text/plain",
              "transfer-encoding": "chunked", "expect": "100-continue",
              "lambda-runtime-aws-request-id": "forged"},
  "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "a b"},
  "requestContext": {"accountId": "123456789012", "stage": "$default",
    "http": {"method": "POST", "path": "/my/p%C3%A4th", "protocol": "HTTP/1.1",
             "sourceIp": "123.123.123.123", "userAgent": "agent"}},
  "body": "aGVsbG8A", "isBase64Encoded": true})";

constexpr const char* payload_1 = R"({
  "version": "1.0", "resource": "/my/path", "path": "/my/path", "httpMethod": "GET",
  "headers": {"header1": "value1", "header2": "value2"},
  "multiValueHeaders": {"header1": ["value1"], "header2": ["value1", "value2"],
                        "Cookie": ["a=1", "b=2"]},
  "queryStringParameters": {"parameter1": "value1", "parameter2": "value"},
  "multiValueQueryStringParameters": {"parameter1": ["value1", "50% & more"],
                                      "parameter2": ["value"]},
  "requestContext": {"accountId": "123456789012", "httpMethod": "GET", "stage": "$default"},
  "pathParameters": null, "body": null, "isBase64Encoded": false})";

constexpr const char* load_balancer = R"({
  "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:r:1:targetgroup/x"}},
  "httpMethod": "GET", "path": "/lambda",
  "queryStringParameters": {"query": "a%20b", "empty": ""},
  "headers": {"accept": "text/html", "host": "lb.us-east-2.elb.amazonaws.com"},
  "body": "", "isBase64Encoded": false})";

WebRequest request(std::string_view event) {
    auto read = read_web_request(*JsonValue::parse(event));
    if (auto* wrong = std::get_if<NotInEvent>(&read)) FAIL(wrong->message);
    return std::get<WebRequest>(std::move(read));
}

std::string value(const WebRequest& request, std::string_view name) {
    return std::string(request.headers.find(name).value_or("-"));
}

bool is_request(std::string_view event) {
    return std::holds_alternative<WebRequest>(read_web_request(*JsonValue::parse(event)));
}

std::string with_path(const std::string& path) {
    return R"({"requestContext":{"http":{"method":"GET"}},"rawPath":)" + path + "}";
}

}  // namespace

TEST_CASE("the event of a function URL is the request that came") {
    const auto made = request(function_url);
    CHECK(made.form == WebForm::payload_2);
    CHECK(made.method == "POST");
    CHECK(made.target == "/my/p%C3%A4th?parameter1=value1&parameter1=value2&parameter2=a%20b");
    CHECK(value(made, "header2") == "value1,value2");
    CHECK(value(made, "host") == "x.lambda-url.on.aws");
    CHECK(value(made, "cookie") == "cookie1=a; cookie2=b");
    CHECK(made.body == std::string("hello\0", 6));
}

TEST_CASE("what belongs to the connection, and what is ours to say, is left out") {
    const auto made = request(function_url);
    for (const auto* name : {"connection", "content-length", "transfer-encoding", "expect",
                             "lambda-runtime-aws-request-id"})
        CHECK(value(made, name) == "-");
}

TEST_CASE("what only Lambda says to a server cannot be said by a client, in any spelling") {
    // Servers that make variables of headers take what is neither letter nor digit for an
    // underscore.
    for (const auto* name :
         {"lambda_runtime_trace_id", "Lambda-Runtime-Aws-Request-Id", "LAMBDA.RUNTIME.TRACE_ID",
          "x-amzn-request-context", "X_Amzn_Request_Context", "x-amzn-lambda-context",
          "x_amzn_lambda.context", "x-amz-tenant-id", "X_AMZ_TENANT_ID", "Proxy", "pRoXY",
          "Content_Length", "transfer_encoding", "expect", "Keep_Alive"}) {
        CAPTURE(name);
        const auto made =
            request(R"({"requestContext":{"http":{"method":"GET"}},"rawPath":"/","headers":{")" +
                    std::string(name) + R"(":"forged","accept":"*/*"}})");
        CHECK(std::distance(made.headers.begin(), made.headers.end()) == 1);
        CHECK(value(made, "accept") == "*/*");
    }
    const auto made = request(
        R"({"requestContext":{"http":{"method":"GET"}},"rawPath":"/",
            "headers":{"proxy-agent":"1","x-lambda-runtime":"1","x-amzn-trace-id":"1"}})");
    CHECK(std::distance(made.headers.begin(), made.headers.end()) == 3);
}

TEST_CASE("a client's header cannot pass for one that the platform sets") {
    const auto made = request(
        R"({"requestContext":{"elb":{}},"httpMethod":"GET","path":"/","headers":{
            "x-forwarded-for":"203.0.113.9","X_Forwarded_For":"127.0.0.1","x_forwarded.proto":"https",
            "X_Amzn_Oidc_Identity":"admin","x_amzn_trace_id":"forged","my_own":"1"}})");
    CHECK(std::distance(made.headers.begin(), made.headers.end()) == 2);
    CHECK(value(made, "x-forwarded-for") == "203.0.113.9");
    CHECK(value(made, "my_own") == "1");
}

TEST_CASE("an event whose request would have an endless head is refused") {
    const auto is_refused = [](const std::string& members) {
        const std::string text =
            R"({"requestContext":{"elb":{}},"httpMethod":"GET",)" + members + "}";
        const auto event = JsonValue::parse(text);
        REQUIRE(event);
        const auto read = read_web_request(*event);
        if (const auto* wrong = std::get_if<NotInEvent>(&read)) UNSCOPED_INFO(wrong->message);
        return std::holds_alternative<NotInEvent>(read);
    };
    const auto many = [](std::size_t count, const std::string& one) {
        std::string all = one;
        for (std::size_t i = 1; i < count; ++i) all += "," + one;
        return all;
    };
    const auto array = [&](std::size_t count) {
        return R"("path":"/","multiValueHeaders":{"a":[)" + many(count, R"("")") + "]}";
    };
    CHECK_FALSE(is_refused(array(31'000)));
    CHECK(is_refused(array(32'000)));
    CHECK(is_refused(R"("path":"/","headers":{)" + many(40'000, R"("a":"")") + "}"));
    CHECK(is_refused(R"("path":"/","headers":{"a":")" + std::string(1'100'000, 'x') + R"("})"));
    CHECK(is_refused(R"("path":")" + std::string(1'100'000, '/') + R"(")"));
    CHECK(is_refused(R"("path":"/","multiValueQueryStringParameters":{"a":[)" +
                     many(600'000, R"("")") + "]}"));
}

TEST_CASE("a header that no request can carry is left out by name") {
    const auto made = request(R"({"requestContext":{"http":{"method":"GET"}},"rawPath":"/",
                    "headers":{"a":"\u007f","b":"x\r\ny","c":"\u00e4\t","d e":"1"},"cookies":["\u0001"]})");
    CHECK(made.left_out == std::vector<std::string>{"a", "b", "d e", "Cookie"});
    CHECK(value(made, "c") == "\xc3\xa4\t");
}

TEST_CASE("an event that asks an authorizer about a request is no request") {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
    // and apigateway-lambda-authorizer-input.html, shortened.
    for (const auto* event :
         {R"({"version":"2.0","type":"REQUEST","routeArn":"arn:aws:execute-api:r:1:a/test/GET/x",
              "identitySource":["user1"],"routeKey":"$default","rawPath":"/my/path",
              "headers":{"authorization":"user1"},
              "requestContext":{"http":{"method":"POST","path":"/my/path"}}})",
          R"({"version":"1.0","type":"REQUEST","methodArn":"arn:aws:execute-api:r:1:a/test/GET/x",
              "identitySource":"user1","resource":"/request","path":"/request","httpMethod":"GET",
              "headers":{"x":"1"},"requestContext":{"path":"/request","httpMethod":"GET"}})",
          R"({"type":"TOKEN","authorizationToken":"t",
              "methodArn":"arn:aws:execute-api:r:1:a/test/GET/x"})"}) {
        CAPTURE(event);
        CHECK_FALSE(is_request(event));
        CHECK(std::holds_alternative<NotInEvent>(http_body(*JsonValue::parse(event))));
    }
    // A request whose own body or query has such names is one.
    CHECK(is_request(R"({"type":"REQUEST","requestContext":{"http":{"method":"GET"}}})"));
}

TEST_CASE("the event of payload format 1.0 has every value, decoded ones encoded again") {
    const auto made = request(payload_1);
    CHECK(made.form == WebForm::every_value);
    CHECK(made.method == "GET");
    CHECK(made.target ==
          "/my/path?parameter1=value1&parameter1=50%25%20%26%20more&parameter2=value");
    CHECK(std::distance(made.headers.begin(), made.headers.end()) == 4);
    CHECK(value(made, "cookie") == "a=1; b=2");
    CHECK_FALSE(made.body);
}

TEST_CASE("the event of a load balancer keeps its query as it came") {
    const auto made = request(load_balancer);
    CHECK(made.form == WebForm::last_value);
    CHECK(made.target == "/lambda?query=a%20b&empty=");
    CHECK(value(made, "accept") == "text/html");
    CHECK_FALSE(made.body);
}

TEST_CASE("a method that sends something has a body, be it empty") {
    CHECK(request(R"({"requestContext":{"http":{"method":"PUT"}},"rawPath":"/"})").body == "");
    CHECK_FALSE(request(R"({"requestContext":{"http":{"method":"DELETE"}},"rawPath":"/"})").body);
}

TEST_CASE("nothing in an event can break out of its place in the request") {
    CHECK(request(with_path(R"("/a b\r\nX: y?z#ä")")).target == "/a%20b%0D%0AX:%20y%3Fz%23%C3%A4");
    CHECK(request(with_path(R"("")")).target == "/");
    CHECK(request(with_path(R"("//host/x")")).target == "//host/x");
    const auto made = request(
        R"({"requestContext":{"http":{"method":"GET"}},"rawPath":"/",
            "headers":{"good":"1","bad":"1\r\nevil: 2","bad name":"1","":"1"},
            "cookies":["a=1","b=2\r\nevil: 3"]})");
    CHECK(value(made, "good") == "1");
    CHECK(value(made, "cookie") == "a=1");
    CHECK(std::distance(made.headers.begin(), made.headers.end()) == 2);
    CHECK_FALSE(is_request(R"({"requestContext":{"http":{"method":"GET / HTTP/1.1\r\n"}}})"));
}

TEST_CASE("other events are no requests") {
    for (const auto* event :
         {"1", "[]", "{}", R"({"Records":[]})", R"({"body":"x"})", R"({"requestContext":{}})",
          R"({"requestContext":{"eventType":"CONNECT","connectionId":"x"}})"}) {
        CAPTURE(event);
        CHECK_FALSE(is_request(event));
    }
}

TEST_CASE("a body that is not the base64 it is said to be is refused") {
    const auto read = read_web_request(*JsonValue::parse(
        R"({"requestContext":{"http":{"method":"PUT"}},"rawPath":"/","body":"%","isBase64Encoded":true})"));
    CHECK(std::holds_alternative<NotInEvent>(read));
}
