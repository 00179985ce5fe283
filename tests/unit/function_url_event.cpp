#include "protocol/function_url_event.h"

#include "protocol/web_request.h"
#include "tests/support/json.h"
#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;
using forklift::test::Json;

namespace {

ClientRequest get(std::string target, Headers headers = {}) {
    ClientRequest request;
    request.method = "GET";
    request.target = std::move(target);
    request.protocol = "HTTP/1.1";
    request.headers = std::move(headers);
    request.source_ip = "192.0.2.7";
    request.server_port = 8080;
    request.request_id = "id-1";
    request.trace_id = "Root=1-5-6";
    request.api_id = "greet";
    // 2020-03-12 19:03:58.390 UTC
    request.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1584039838390));
    return request;
}

ClientRequest post(std::string content_type, std::string body) {
    auto request = get("/");
    request.method = "POST";
    if (!content_type.empty()) request.headers.add("Content-Type", std::move(content_type));
    request.body = std::move(body);
    return request;
}

Json event(const ClientRequest& request) { return Json(function_url_event(request)); }

}  // namespace

TEST_CASE("a request becomes the event of a function URL") {
    const Json made = event(get("/my/p%C3%A4th?a=1&a=2&b=x%20y",
                                {{"Host", "fn.example.org:8080"}, {"User-Agent", "agent"}}));
    CHECK(made.text("/version") == "2.0");
    CHECK(made.text("/routeKey") == "$default");
    CHECK(made.text("/rawPath") == "/my/p%C3%A4th");
    CHECK(made.text("/rawQueryString") == "a=1&a=2&b=x%20y");
    CHECK(made.text("/queryStringParameters/a") == "1,2");
    CHECK(made.text("/queryStringParameters/b") == "x y");
    CHECK(made.text("/requestContext/accountId") == "anonymous");
    CHECK(made.text("/requestContext/apiId") == "greet");
    CHECK(made.text("/requestContext/domainName") == "fn.example.org");
    CHECK(made.text("/requestContext/domainPrefix") == "fn");
    CHECK(made.text("/requestContext/http/method") == "GET");
    CHECK(made.text("/requestContext/http/path") == "/my/p%C3%A4th");
    CHECK(made.text("/requestContext/http/protocol") == "HTTP/1.1");
    CHECK(made.text("/requestContext/http/sourceIp") == "192.0.2.7");
    CHECK(made.text("/requestContext/http/userAgent") == "agent");
    CHECK(made.text("/requestContext/requestId") == "id-1");
    CHECK(made.text("/requestContext/routeKey") == "$default");
    CHECK(made.text("/requestContext/stage") == "$default");
    CHECK(made.text("/requestContext/time") == "12/Mar/2020:19:03:58 +0000");
    CHECK(made.number("/requestContext/timeEpoch") == 1584039838390);
    CHECK(made.text("/headers/x-forwarded-for") == "192.0.2.7");
    CHECK(made.text("/headers/x-forwarded-port") == "8080");
    CHECK(made.text("/headers/x-forwarded-proto") == "http");
    CHECK(made.text("/headers/x-amzn-trace-id") == "Root=1-5-6");
    for (const auto* absent : {"/body", "/cookies"}) CHECK_FALSE(made.has(absent));
    CHECK(contains(function_url_event(get("/")), R"("isBase64Encoded":false)"));
}

TEST_CASE("headers are in lower case, and several values of one are joined") {
    const Json made = event(get("/", {{"X-Many", "1"},
                                      {"x-many", "2,3"},
                                      {"X-MANY", ""},
                                      {"Empty", ""},
                                      {"X-Forwarded-For", "198.51.100.1"},
                                      {"X-Forwarded-Proto", "https"},
                                      {"Connection", "close"},
                                      {"TE", "trailers"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"Expect", "100-continue"}}));
    CHECK(made.text("/headers/x-many") == "1,2,3,");
    CHECK(made.text("/headers/empty").empty());
    CHECK(made.text("/headers/x-forwarded-for") == "198.51.100.1,192.0.2.7");
    CHECK(made.text("/headers/x-forwarded-proto") == "https");
    for (const auto* absent :
         {"/headers/connection", "/headers/te", "/headers/transfer-encoding", "/headers/expect"})
        CHECK_FALSE(made.has(absent));
}

TEST_CASE("cookies stand apart, from however many fields") {
    const Json made = event(get("/", {{"Cookie", "a=1; b=\"2\""}, {"cookie", "c=3;;d"}}));
    CHECK(made.texts("/cookies") == std::vector<std::string>{"a=1", "b=\"2\"", "c=3", "d"});
    CHECK_FALSE(made.has("/headers/cookie"));
}

TEST_CASE("a query is decoded for the parameters and stands as it came beside them") {
    struct Case {
        const char* query;
        const char* parameters;
    };
    const Case cases[] = {
        {"a=", R"({"a":""})"},
        {"a", R"({"a":""})"},
        {"a=1&&b=2&", R"({"a":"1","b":"2"})"},
        {"a=1&a=&a=3", R"({"a":"1,,3"})"},
        {"a=b=c", R"({"a":"b=c"})"},
        {"=x", R"({"":"x"})"},
        {"a+b=c+d", R"({"a b":"c d"})"},
        {"%61=%2B%26%3D", R"({"a":"+&="})"},
        {"a=%", R"({"a":"%"})"},
        {"a=%4", R"({"a":"%4"})"},
        {"a=?&b=/", R"({"a":"?","b":"/"})"},
    };
    for (const auto& [query, parameters] : cases) {
        CAPTURE(query);
        const std::string made = function_url_event(get(std::string("/?") + query));
        CHECK(Json(made).text("/rawQueryString") == query);
        CHECK(contains(made, std::string(R"("queryStringParameters":)") + parameters));
    }
    for (const auto* target : {"/", "/?", "/?&"})
        CHECK_FALSE(event(get(target)).has("/queryStringParameters"));
    CHECK(event(get("/?")).text("/rawQueryString").empty());
}

TEST_CASE("a request's target has four forms, and three lead to a function") {
    struct Case {
        const char* target;
        const char* path;
        const char* query;
    };
    const Case cases[] = {{"/a/b?c=d", "/a/b", "c=d"},       {"//a", "//a", ""},
                          {"/a%2Fb%3F", "/a%2Fb%3F", ""},    {"*", "/", ""},
                          {"http://host/a?b", "/a", "b"},    {"http://host?b", "/", "b"},
                          {"HTTP://host:80", "/", ""},       {"/a?b?c", "/a", "b?c"},
                          {"/http://x/y", "/http://x/y", ""}};
    for (const auto& [target, path, query] : cases) {
        CAPTURE(target);
        const auto parts = split_target(target);
        REQUIRE(parts);
        CHECK(parts->path == path);
        CHECK(parts->query == query);
    }
    for (const auto* target : {"host:443", "", "a/b", "?a", "://x"}) {
        CAPTURE(target);
        CHECK_FALSE(split_target(target));
    }
}

TEST_CASE("a body is text by its content type, and base64 otherwise") {
    struct Case {
        const char* type;
        const char* body;
        bool is_encoded;
    };
    const Case cases[] = {
        {"text/plain", "hi", false},
        {"TEXT/HTML; charset=utf-8", "hi", false},
        {"application/json", "{}", false},
        {"application/json;charset=utf-8", "ä", false},
        {"application/problem+json", "{}", false},
        {"application/xml", "<a/>", false},
        {"image/svg+xml", "<a/>", false},
        {"application/javascript", "1", false},
        {"application/x-www-form-urlencoded", "a=1", true},
        {"application/octet-stream", "hi", true},
        {"multipart/form-data; boundary=x", "hi", true},
        {"image/png", "\x89PNG", true},
        {"", "hi", true},
        {"text/plain", "\xff\xfe", true},
        {"application/jsonx", "{}", true},
    };
    for (const auto& [type, body, is_encoded] : cases) {
        CAPTURE(type, body);
        const std::string made = function_url_event(post(type, body));
        CHECK(
            contains(made, std::string(R"("isBase64Encoded":)") + (is_encoded ? "true" : "false")));
        CHECK(Json(made).text("/headers/content-length") ==
              std::to_string(std::string(body).size()));
        if (!is_encoded) CHECK(Json(made).text("/body") == body);
    }
    CHECK(event(post("", "hi")).text("/body") == "aGk=");
    auto packed = post("application/json", "{}");
    packed.headers.add("Content-Encoding", "gzip");
    CHECK(event(packed).text("/body") == "e30=");
}

TEST_CASE("the domain is the host without its port") {
    struct Case {
        const char* host;
        const char* name;
        const char* prefix;
    };
    const Case cases[] = {{"localhost", "localhost", "localhost"},
                          {"127.0.0.1:8080", "127.0.0.1", "127.0.0.1"},
                          {"[::1]:8080", "::1", "::1"},
                          {"a.b.c:1", "a.b.c", "a"},
                          {"", "", ""}};
    for (const auto& [host, name, prefix] : cases) {
        CAPTURE(host);
        const Json made = event(get("/", {{"Host", host}}));
        CHECK(made.text("/requestContext/domainName") == name);
        CHECK(made.text("/requestContext/domainPrefix") == prefix);
    }
}

TEST_CASE("a request that went through an event is the same request") {
    auto sent = get("/a%20b?c=%26&c=2", {{"Host", "x"},
                                         {"X-Bytes", "a\"b\\c\t\xc3\xa4"},
                                         {"Cookie", "a=1; b=2"},
                                         {"X-Two", "1"},
                                         {"X-Two", "2"}});
    sent.method = "PUT";
    sent.body = std::string("\0\r\n\xff", 4);
    const std::string made = function_url_event(sent);
    const auto read = read_web_request(*JsonValue::parse(made));
    const auto& back = std::get<WebRequest>(read);
    CHECK(back.form == WebForm::payload_2);
    CHECK(back.method == "PUT");
    CHECK(back.target == "/a%20b?c=%26&c=2");
    CHECK(back.headers.find("X-Bytes") == "a\"b\\c\t\xc3\xa4");
    CHECK(back.headers.find("Cookie") == "a=1; b=2");
    CHECK(back.headers.find("X-Two") == "1,2");
    CHECK(back.body == sent.body);
}
