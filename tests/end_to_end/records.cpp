#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/test.h"

using namespace forklift::test;

namespace {

/// An SQS event of ten records with the bodies "1" to "10".
std::string sqs(const std::string& queue) {
    std::string records;
    for (int i = 1; i <= 10; ++i) {
        const auto number = std::to_string(i);
        records += (i == 1 ? "" : ",") +
                   (R"({"messageId": "m)" + number + R"(", "body": ")" + number +
                    R"(", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:x:1:)" + queue +
                    R"("})");
    }
    return R"({"Records": [)" + records + "]}";
}

std::string stream(const std::string& source, const std::string& id_of) {
    std::string records;
    for (int i = 1; i <= 4; ++i) {
        const auto number = std::to_string(i);
        records += (i == 1 ? "" : ",") + (R"({"body": ")" + number + R"(", "eventSource": ")" +
                                          source + "\", \"" + id_of + number + R"("}})");
    }
    return R"({"Records": [)" + records + "]}";
}

std::string failures(const std::vector<std::string>& ids) {
    std::string items;
    for (const auto& id : ids)
        items += (items.empty() ? "" : ",") + (R"({"itemIdentifier":")" + id + R"("})");
    return R"({"batchItemFailures":[)" + items + "]}";
}

Posted answer_of(const std::string& script, const std::string& payload,
                 const std::string& more = "", const Event& event = {}) {
    TaskRoot root;
    root.script("work", script);
    root.file("forklift.json", R"({"handlers": {"h": {"command": ["work", "{/body}"],
        "records": "/Records", "input": "/body")" +
                                   more + "}}}");
    Event sent = event;
    sent.payload = payload;
    return answer_to(sent, root, "h");
}

}  // namespace

TEST_CASE("the records of a queue that fail are answered, and no others") {
    const std::string script = "test $1 = $(cat) || exit 9; case $1 in 3|8) exit 1;; esac";
    const auto posted = answer_of(script, sqs("jobs"));
    CHECK(posted.request.path == response_path());
    CHECK(posted.request.body() == failures({"m3", "m8"}));
    CHECK(contains(posted.errors, "record m3: Function.ExitStatus"));
    CHECK(answer_of(script, sqs("jobs"), R"(, "records_parallel": 4)").request.body() ==
          failures({"m3", "m8"}));
    CHECK(answer_of("true", sqs("jobs")).request.body() == failures({}));
    CHECK(answer_of("true", R"({"Records": []})").request.body() == failures({}));
}

TEST_CASE("a FIFO queue stops at the first failure and answers the rest") {
    const auto posted = answer_of("test $1 -ne 4", sqs("jobs.fifo"), R"(, "records_parallel": 4)");
    CHECK(posted.request.body() == failures({"m4", "m5", "m6", "m7", "m8", "m9", "m10"}));
    CHECK(contains(posted.errors, "6 of 10 records were not run, from m5 on: an earlier"));
}

TEST_CASE("streams stop at the first failure and name sequence numbers") {
    CHECK(answer_of("test $1 -ne 2", stream("aws:kinesis", R"(kinesis": {"sequenceNumber": "s)"))
              .request.body() == failures({"s2", "s3", "s4"}));
    CHECK(answer_of("test $1 -ne 3", stream("aws:dynamodb", R"(dynamodb": {"SequenceNumber": "d)"))
              .request.body() == failures({"d3", "d4"}));
}

TEST_CASE("a batch near its deadline answers what was not run") {
    const auto posted = answer_of("test $1 -lt 3 || sleep 30", sqs("jobs"), "",
                                  {.time_left = std::chrono::milliseconds(1500)});
    CHECK(posted.request.path == response_path());
    CHECK(posted.request.body() == failures({"m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10"}));
    CHECK(contains(posted.errors, "record m3: Function.Timeout"));
    CHECK(contains(posted.errors, "7 of 10 records were not run, from m4 on: Lambda's deadline"));
}

TEST_CASE("records run side by side when they may") {
    const auto before = std::chrono::steady_clock::now();
    CHECK(answer_of("sleep 0.5; echo $1 one >&2; echo $1 two >&2", sqs("jobs"),
                    R"(, "records_parallel": 10)")
              .request.body() == failures({}));
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(4));
}

TEST_CASE("a record that the command cannot be made for fails alone") {
    const auto payload = R"({"Records": [
        {"messageId": "a", "eventSource": "aws:sqs"},
        {"messageId": "b", "eventSource": "aws:sqs", "body": "x"}]})";
    CHECK(answer_of("true", payload).request.body() == failures({"a"}));
}

TEST_CASE("an event that is no batch is an error") {
    for (const auto* payload :
         {"no JSON", R"({"Records": [{"eventSource": "aws:s3"}]})", R"({"Records": {}})"}) {
        const auto posted = answer_of("true", payload);
        CHECK(posted.request.path == error_path());
        CHECK(Json(posted.request.body()).text("/errorType") == "Function.InvalidEvent");
    }
    CHECK(Json(answer_of("true", "{}").request.body()).text("/errorType") ==
          "Function.MissingField");
}
