#include "protocol/web_answer.h"

#include <set>

#include "protocol/json_value.h"
#include "tests/test.h"

using namespace forklift::protocol;

namespace {

HttpResponse response(std::string body) {
    HttpResponse made;
    made.status = 201;
    made.headers = {{"Content-Type", "text/plain"},
                    {"Set-Cookie", "a=1; Expires=Thu, 1 Jan"},
                    {"Vary", "Accept"},
                    {"vary", "Cookie"},
                    {"set-cookie", "b=2"},
                    {"Connection", "close, X-Hop"},
                    {"x-hop", "1"},
                    {"Content-Length", "5"},
                    {"Transfer-Encoding", "chunked"}};
    made.body = std::move(body);
    return made;
}

}  // namespace

TEST_CASE("the answer for payload format 2.0 has its cookies apart") {
    CHECK(web_answer(WebForm::payload_2, response("hello")) ==
          R"({"statusCode":201,"cookies":["a=1; Expires=Thu, 1 Jan","b=2"],)"
          R"("headers":{"Content-Type":"text/plain","Vary":"Accept, Cookie"},)"
          R"("body":"hello","isBase64Encoded":false})");
}

TEST_CASE("the answer for payload format 1.0 has every value of a header") {
    CHECK(web_answer(WebForm::every_value, response("hello")) ==
          R"({"statusCode":201,"multiValueHeaders":{"Content-Type":["text/plain"],)"
          R"("Set-Cookie":["a=1; Expires=Thu, 1 Jan","b=2"],"Vary":["Accept","Cookie"]},)"
          R"("body":"hello","isBase64Encoded":false})");
}

TEST_CASE("the answer for a load balancer without every value has each cookie under a name") {
    CHECK(web_answer(WebForm::last_value, response("")) ==
          R"({"statusCode":201,"headers":{"Content-Type":"text/plain",)"
          R"("Set-Cookie":"a=1; Expires=Thu, 1 Jan","set-Cookie":"b=2",)"
          R"("Vary":"Accept, Cookie"},"body":"","isBase64Encoded":false})");
}

TEST_CASE("the names of a load balancer's cookies all differ, and are all Set-Cookie") {
    HttpResponse many;
    many.status = 200;
    for (int i = 0; i < 100; ++i) many.headers.add("set-cookie", std::to_string(i));
    const std::string answer = web_answer(WebForm::last_value, many);
    const auto headers = JsonValue::parse(answer)->member("headers");
    std::set<std::string> names;
    for (const auto& [name, value] : headers->members()) {
        CHECK(equal_ignoring_case(name, "Set-Cookie"));
        CHECK(value.string() == std::to_string(names.size()));
        names.insert(name);
    }
    CHECK(names.size() == 100);
}

TEST_CASE("a body that is not UTF-8 is base64 in the answer") {
    HttpResponse plain;
    plain.status = 200;
    plain.body = "\xff\xfe";
    CHECK(web_answer(WebForm::payload_2, plain) ==
          R"({"statusCode":200,"headers":{},"body":"//4=","isBase64Encoded":true})");
}
