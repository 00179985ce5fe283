#include "protocol/worker_message.h"

#include "protocol/base64.h"
#include "protocol/error_document.h"
#include "protocol/json.h"
#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;

namespace {

Invocation event(std::string payload) {
    Invocation invocation;
    invocation.id = "id-1";
    invocation.headers = {{"Date", "today"},
                          {"Lambda-Runtime-Aws-Request-Id", "id-1"},
                          {"lambda-runtime-deadline-ms", "1792000000000"},
                          {"Lambda-Runtime-Something-New", "yes"}};
    invocation.payload = std::move(payload);
    return invocation;
}

std::string line(std::string payload) {
    const auto request = worker_request(Framing::lines, event(std::move(payload)));
    const auto* text = std::get_if<std::string>(&request);
    return text ? *text : "failure";
}

WorkerMessage message(Headers headers, std::string body) {
    WorkerMessage message;
    message.headers = std::move(headers);
    message.body_size = body.size();
    message.body = std::move(body);
    return message;
}

/// A message whose body was larger than the reader keeps.
WorkerMessage large_message(Headers headers) {
    WorkerMessage large = message(std::move(headers), "");
    large.too_large = true;
    large.body_size = 7'000'000;
    return large;
}

WorkerReply line_reply(std::string text) {
    return std::get<WorkerReply>(understand(Framing::lines, message({}, std::move(text))));
}

template <typename Meaning>
Meaning frame(WorkerMessage message) {
    auto said = understand(Framing::framed, std::move(message));
    const auto* nothing = std::get_if<NoMeaning>(&said);
    INFO((nothing ? nothing->message : ""));
    REQUIRE(std::holds_alternative<Meaning>(said));
    return std::get<Meaning>(std::move(said));
}

const std::string id_header = "Lambda-Runtime-Aws-Request-Id";
const std::string type_header = "Lambda-Runtime-Function-Error-Type";
const std::string document =
    R"( {"errorMessage" : "caf\u00e9", "errorType":"Own", "stackTrace": ["one", 2, "two"], "x":1} )";

}  // namespace

TEST_CASE("a worker is told framing and version") {
    CHECK(worker_greeting(Framing::lines) == "lines/1");
    CHECK(worker_greeting(Framing::framed) == "framed/1");
}

TEST_CASE("an event is one line of minified JSON") {
    CHECK(line(R"({"a":1})") == "{\"a\":1}\n");
    CHECK(line("{ \"a\" :\r\n\t[ 1 , \"b c\\n\" ] }\n") == "{\"a\":[1,\"b c\\n\"]}\n");
    CHECK(line("\"\xf0\x9f\x98\x80 \\ud800\"") == "\"\xf0\x9f\x98\x80 \\ud800\"\n");
    CHECK(line(" 1e999999 ") == "1e999999\n");
    CHECK(line("").size() == 1);
}

TEST_CASE("minified JSON is the same at every length") {
    for (std::size_t size = 0; size < 300; ++size) {
        const std::string text = "[\"" + std::string(size, ' ') + "\",\"\\\"" +
                                 std::string(size % 7, '\\') + std::string(size % 7, '\\') + "\"]";
        CAPTURE(size);
        CHECK(minified_json(text) == text);
        CHECK(minified_json("\n" + text + std::string(size, '\t')) == text);
    }
}

TEST_CASE("an event that is not JSON is refused with the place") {
    for (const char* text : {"nonsense", " ", "{\"a\":}", "{} {}", "\"\n\"", "\xff"}) {
        const auto request = worker_request(Framing::lines, event(text));
        const auto* failure = std::get_if<Failure>(&request);
        REQUIRE(failure);
        CHECK(failure->type == "Function.InvalidEvent");
        CHECK(contains(failure->message, "is not JSON (line "));
    }
    const auto request = worker_request(Framing::lines, event("{\"a\":}"));
    CHECK(contains(std::get<Failure>(request).message,
                   "the event (6 bytes) is not JSON (line 1, column 6: found }, where a value must "
                   "stand)"));
}

TEST_CASE("a frame carries Lambda's headers and the event byte for byte") {
    const std::string payload("\0\xff {}\n", 6);
    CHECK(std::get<std::string>(worker_request(Framing::framed, event(payload))) ==
          "Lambda-Runtime-Aws-Request-Id: id-1\r\n"
          "lambda-runtime-deadline-ms: 1792000000000\r\n"
          "Lambda-Runtime-Something-New: yes\r\n"
          "Content-Length: 6\r\n\r\n" +
              payload);
    CHECK(std::get<std::string>(worker_request(Framing::framed, {"id-2", {}, "", {}})) ==
          "Lambda-Runtime-Aws-Request-Id: id-2\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a line that is no error object is the answer as it stands") {
    for (const char* text :
         {"", "text", "{}", R"({"errorType":"A"})", R"({"errorMessage":"b"})",
          R"({"errorType":"A","errorMessage":1})", R"({"errorType":null,"errorMessage":"b"})",
          R"([{"errorType":"A","errorMessage":"b"}])", R"({"errorType":"A","errorMessage":"b")",
          R"({"a":{"errorType":"A","errorMessage":"b"}})", "\xff errorMessage", "\\u"}) {
        const WorkerReply reply = line_reply(text);
        CAPTURE(text);
        CHECK_FALSE(reply.failure);
        CHECK(reply.body == text);
        CHECK(reply.request_id.empty());
        CHECK(reply.content_type.empty());
    }
}

TEST_CASE("a line that is an error object is a failure") {
    const WorkerReply reply = line_reply(document);
    REQUIRE(reply.failure);
    CHECK(reply.failure->type == "Own");
    CHECK(reply.failure->message == "caf\xc3\xa9");
    CHECK(reply.failure->stack_trace == std::vector<std::string>{"one", "two"});
    CHECK(error_document(*reply.failure) == document);
    CHECK(line_reply(R"({"\u0065rrorType":"A","error\u004dessage":"\ud800"})").failure);
    CHECK(line_reply(R"({"errorType":"","errorMessage":""})").failure->type == "Function.Unknown");
    CHECK(line_reply(R"({"errorType":"A","errorMessage":"b","stackTrace":"c"})")
              .failure->stack_trace.empty());
}

TEST_CASE("a line that was too large is said to be") {
    const auto said = understand(Framing::lines, large_message({}));
    CHECK(std::get<WorkerReply>(said).too_large);
}

TEST_CASE("a frame with a request id is a reply") {
    const auto reply = frame<WorkerReply>(message({{id_header, "id-1"}}, "body"));
    CHECK(reply.request_id == "id-1");
    CHECK(reply.body == "body");
    CHECK(reply.content_type.empty());
    CHECK_FALSE(reply.failure);
    CHECK_FALSE(reply.too_large);
    CHECK(frame<WorkerReply>(message({{id_header, "id-1"}, {"content-type", "text/html"}}, ""))
              .content_type == "text/html");
    CHECK(frame<WorkerReply>(large_message({{id_header, "id-1"}})).too_large);
}

TEST_CASE("a frame with an error type is a failure of that type") {
    const Headers headers = {{id_header, "id-1"}, {type_header, "Named"}};
    auto reply = frame<WorkerReply>(message(headers, document));
    REQUIRE(reply.failure);
    CHECK(reply.failure->type == "Named");
    CHECK(reply.failure->message == "caf\xc3\xa9");
    CHECK(reply.failure->stack_trace.size() == 2);
    CHECK(error_document(*reply.failure) == document);
    reply = frame<WorkerReply>(message(headers, "[\"plain\"] words"));
    CHECK(reply.failure->message == "[\"plain\"] words");
    CHECK(reply.failure->document.empty());
    reply = frame<WorkerReply>(message(headers, "{}"));
    CHECK(reply.failure->message.empty());
    CHECK(error_document(*reply.failure) == "{}");
    CHECK(frame<WorkerReply>(message({{id_header, "id-1"}, {type_header, ""}}, document))
              .failure->type == "Own");
    reply = frame<WorkerReply>(large_message(headers));
    CHECK(reply.too_large);
    CHECK_FALSE(reply.failure);
}

TEST_CASE("an error document that is too large is written anew") {
    const std::string large =
        R"({"errorType":"A","errorMessage":"b","x":")" + std::string(2000, 'x') + "\"}";
    const auto failure = line_reply(large).failure;
    CHECK(error_document(*failure, large.size()) == large);
    CHECK(error_document(*failure, 1000) ==
          R"({"errorType":"A","errorMessage":"b","stackTrace":[]})");
}

TEST_CASE("a reply can fail by its trailers") {
    WorkerMessage late = message({{id_header, "id-1"}}, "half");
    late.trailers = {{type_header, "Late"},
                     {"Lambda-Runtime-Function-Error-Body", base64_encode(document)}};
    auto reply = frame<WorkerReply>(late);
    REQUIRE(reply.failure);
    CHECK(reply.failure->type == "Late");
    CHECK(error_document(*reply.failure) == document);
    late.trailers = {{type_header, "Late"}};
    CHECK(contains(frame<WorkerReply>(late).failure->message, "after 4 bytes"));
    late.trailers = {{type_header, "Late"}, {"Lambda-Runtime-Function-Error-Body", "?"}};
    CHECK(contains(frame<NoMeaning>(late).message, "where base64 must stand"));
    late.trailers = {{"Lambda-Runtime-Function-Error-Body", "?"}};
    CHECK_FALSE(frame<WorkerReply>(late).failure);
}

TEST_CASE("a worker says that it is ready") {
    frame<WorkerReady>(message({{"forklift-worker-protocol", "1"}, {"X", "y"}}, ""));
    for (const char* version : {"2", "0", "", "one", "1.0"}) {
        const auto wrong = frame<NoMeaning>(message({{"Forklift-Worker-Protocol", version}}, ""));
        CHECK(contains(wrong.message, "where version 1 must stand"));
    }
    CHECK(contains(frame<NoMeaning>(message({{"Forklift-Worker-Protocol", "1"}}, "hello")).message,
                   "found a body of 5 bytes, \"hello\""));
}

TEST_CASE("a worker says that it cannot start") {
    const auto error = frame<WorkerInitError>(message({{type_header, "Named"}}, document));
    CHECK(error.failure.type == "Named");
    CHECK(error.failure.message == "caf\xc3\xa9");
    CHECK(error_document(error.failure) == document);
    CHECK(frame<WorkerInitError>(message({{type_header, "Named"}}, "why")).failure.message ==
          "why");
    CHECK(frame<WorkerInitError>(large_message({{type_header, "Named"}})).failure.message ==
          "7000000 bytes");
}

TEST_CASE("a frame that is neither means nothing") {
    const auto wrong =
        frame<NoMeaning>(message({{"Content-Type", "text/html"}, {"Content-Length", "3"}}, "abc"));
    CHECK(contains(wrong.message, "\"Content-Type, Content-Length\""));
    CHECK(contains(wrong.message, "3 bytes, \"abc\""));
    CHECK(contains(wrong.message, "a reply must repeat Lambda-Runtime-Aws-Request-Id"));
    frame<NoMeaning>(message({{id_header, ""}, {"Content-Length", "0"}}, ""));
}
