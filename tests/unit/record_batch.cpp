#include "protocol/record_batch.h"

#include "protocol/http_event.h"
#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;

namespace {

RecordBatch batch(std::string_view text) {
    const auto array = JsonValue::parse(text);
    REQUIRE(array);
    auto read = read_records(*array);
    if (auto* wrong = std::get_if<NotInEvent>(&read)) FAIL(wrong->message);
    return std::get<RecordBatch>(std::move(read));
}

std::string refusal(std::string_view text) {
    const auto read = read_records(*JsonValue::parse(text));
    const auto* wrong = std::get_if<NotInEvent>(&read);
    return wrong ? wrong->message : "";
}

std::string body(std::string_view text) {
    auto result = http_body(*JsonValue::parse(text));
    if (auto* wrong = std::get_if<NotInEvent>(&result)) return "refused: " + wrong->message;
    return std::get<std::string>(result);
}

}  // namespace

TEST_CASE("each source has its identifier and its order") {
    const auto sqs = batch(R"([{"messageId": "m1", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:jobs"}])");
    CHECK(sqs.records.at(0).id == "m1");
    CHECK_FALSE(sqs.ordered);
    CHECK(batch(R"([{"messageId": "m1", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:jobs.fifo"}])")
              .ordered);
    const auto kinesis = batch(
        R"([{"eventSource": "aws:kinesis", "kinesis": {"sequenceNumber": "4959", "data": "eA=="}}])");
    CHECK(kinesis.records.at(0).id == "4959");
    CHECK(kinesis.ordered);
    const auto table =
        batch(R"([{"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": "111"}}])");
    CHECK(table.records.at(0).id == "111");
    CHECK(table.ordered);
    CHECK(batch("[]").records.empty());
}

TEST_CASE("what is no batch is refused with the reason") {
    CHECK(contains(refusal("{}"), "an object, not an array"));
    CHECK(contains(refusal(R"([{"eventSource": "aws:s3"}])"), "aws:sqs"));
    CHECK(contains(refusal("[1]"), "record 0"));
    CHECK(contains(refusal(R"([{"eventSource": "aws:sqs"}])"), "/messageId"));
}

TEST_CASE("a batch has as many records as Lambda gives one") {
    const auto records = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += std::string(i ? "," : "") + R"({"eventSource":"aws:sqs","messageId":"m"})";
        return "[" + text + "]";
    };
    CHECK(batch(records(10'000)).records.size() == 10'000);
    CHECK(contains(refusal(records(10'001)), "more than 10000 records"));
}

TEST_CASE("the answer names the records that failed") {
    CHECK(batch_answer({}) == R"({"batchItemFailures":[]})");
    CHECK(batch_answer({"a", "b"}) ==
          R"({"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]})");
}

TEST_CASE("the body of an HTTP event is decoded where it is encoded") {
    CHECK(body(R"({"requestContext": {}, "body": "a\nb", "isBase64Encoded": false})") == "a\nb");
    CHECK(body(R"({"requestContext": {}, "body": "YWI=", "isBase64Encoded": true})") == "ab");
    CHECK(body(R"({"httpMethod": "GET", "body": null})").empty());
    CHECK(body(R"({"requestContext": {}})").empty());
    CHECK(contains(body(R"({"requestContext": {}, "body": "?", "isBase64Encoded": true})"),
                   "not base64"));
    CHECK(contains(body("{}"), "not an HTTP request"));
    CHECK(contains(body("[]"), "not an HTTP request"));
}
