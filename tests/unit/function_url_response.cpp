#include "protocol/function_url_response.h"

#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;

namespace {

UrlResponse response(std::string_view answer) {
    auto read = function_url_response(answer);
    if (auto* wrong = std::get_if<MalformedAnswer>(&read)) FAIL(wrong->message);
    return std::get<UrlResponse>(std::move(read));
}

std::string mistake(std::string_view answer) {
    const auto read = function_url_response(answer);
    const auto* wrong = std::get_if<MalformedAnswer>(&read);
    return wrong ? wrong->message : "";
}

/// "Name: value" lines, in their order.
std::string fields(const UrlResponse& made) {
    std::string text;
    for (const auto& [name, value] : made.headers) text += name + ": " + value + "\n";
    return text;
}

}  // namespace

TEST_CASE("an answer with a statusCode is the response it describes") {
    const auto made = response(
        R"({"statusCode":201,"headers":{"Content-Type":"text/plain","X-Mine":"a,b"},
            "cookies":["a=1; Expires=Thu, 1 Jan","b=2"],"body":"héllo","isBase64Encoded":false})");
    CHECK(made.status == 201);
    CHECK(fields(made) ==
          "Content-Type: text/plain\nX-Mine: a,b\nSet-Cookie: a=1; Expires=Thu, 1 Jan\n"
          "Set-Cookie: b=2\n");
    CHECK(made.body == "héllo");
}

TEST_CASE("an answer without a statusCode is the body of a 200") {
    for (const std::string answer : {R"({"message":"hi"})", R"("hi")", "3", "true", "null",
                                     "[1, 2]", R"({"body":"x","headers":{"a":"b"}})"}) {
        CAPTURE(answer);
        const auto made = response(answer);
        CHECK(made.status == 200);
        CHECK(made.body == answer);
        CHECK(fields(made) == "Content-Type: application/json\n");
    }
}

TEST_CASE("a base64 body is decoded") {
    const auto made = response(
        R"({"statusCode":200,"headers":{"content-type":"image/png"},"body":"AP8=","isBase64Encoded":true})");
    CHECK(made.body == std::string("\0\xff", 2));
    CHECK(fields(made) == "content-type: image/png\n");
}

TEST_CASE("what an answer leaves out is empty, and a body without a type is JSON") {
    for (
        const auto* answer :
        {R"({"statusCode":204})",
         R"({"statusCode":204,"headers":null,"cookies":null,"body":null,"isBase64Encoded":null})"}) {
        const auto made = response(answer);
        CHECK(made.status == 204);
        CHECK(made.body.empty());
        CHECK(fields(made).empty());
    }
    CHECK(fields(response(R"({"statusCode":200,"body":"x"})")) ==
          "Content-Type: application/json\n");
}

TEST_CASE("a function cannot speak about the connection") {
    CHECK(fields(response(
              R"({"statusCode":200,"headers":{"Connection":"close","Transfer-Encoding":"chunked",
                  "content-length":"7","Keep-Alive":"x","X-Mine":"1"}})")) == "X-Mine: 1\n");
}

TEST_CASE("an answer that cannot be a response is refused with the reason") {
    struct Case {
        const char* answer;
        const char* message;
    };
    const Case cases[] = {
        {"", "it is not JSON"},
        {"{", "it is not JSON"},
        {"<p>", "it is not JSON"},
        {R"({"statusCode":"200"})", "statusCode is a string; it must be a whole number"},
        {R"({"statusCode":null})", "statusCode is null; it must be a whole number"},
        {R"({"statusCode":200.5})", "statusCode is not a whole number from 200 to 599"},
        {R"({"statusCode":2e2})", "statusCode is not a whole number"},
        {R"({"statusCode":101})", "statusCode is not a whole number from 200 to 599"},
        {R"({"statusCode":99999999999})", "statusCode is not a whole number"},
        {R"({"statusCode":-200})", "statusCode is not a whole number"},
        {R"({"statusCode":200,"headers":["a"]})", "headers is an array; it must be an object"},
        {R"({"statusCode":200,"headers":{"a":1}})",
         "the header a is a number; it must be a string"},
        {R"({"statusCode":200,"headers":{"a b":"1"}})", "no header of the name \"a b\""},
        {R"({"statusCode":200,"headers":{"":"1"}})", "no header of the name \"\""},
        {R"({"statusCode":200,"headers":{"a":"1\r\nEvil: 2"}})", "the header a has a control"},
        {R"({"statusCode":200,"cookies":"a=1"})", "cookies is a string; it must be an array"},
        {R"({"statusCode":200,"cookies":[1]})", "one of the cookies is a number"},
        {R"({"statusCode":200,"cookies":["a\nb"]})", "one of the cookies has a control"},
        {R"({"statusCode":200,"body":{"a":1}})", "body is an object; it must be a string"},
        {R"({"statusCode":200,"body":"%","isBase64Encoded":true})", "body is not base64"},
        {R"({"statusCode":200,"body":"x","isBase64Encoded":"false"})",
         "isBase64Encoded is a string"},
    };
    for (const auto& [answer, message] : cases) {
        CAPTURE(answer);
        CHECK(contains(mistake(answer), message));
    }
    // What a function answered may be private.
    CHECK_FALSE(contains(mistake(R"({"statusCode":200,"headers":{"a":"secret\n"}})"), "secret"));
}

TEST_CASE("a header is taken up to its limit and not beyond") {
    const std::string limit(60 * 1024 - 1, 'x');
    const auto header = [](const std::string& name, const std::string& value) {
        return R"({"statusCode":200,"headers":{")" + name + R"(":")" + value + R"("}})";
    };
    CHECK((fields(response(header("a", limit))) == "a: " + limit + "\n"));
    CHECK(mistake(header("a", limit + "x")) ==
          "the header a has 61441 bytes; a header may have 61440, its name included");
    CHECK(mistake(header(limit + "x", "1")) ==
          "the header " + std::string(60, 'x') +
              "... has 61441 bytes; a header may have 61440, its name included");
    CHECK(contains(mistake(R"({"statusCode":200,"cookies":[")" + limit + R"("]})"),
                   "one of the cookies has 61449 bytes"));
}
