#include "protocol/error_document.h"

#include "tests/support/json.h"
#include "tests/test.h"

using namespace forklift;
using protocol::Failure;

namespace {

const std::vector<std::string> ten_thousand_lines(10'000, std::string(200, 'x'));

bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

TEST_CASE("an error document has type and message and trace") {
    const test::Json document(
        protocol::error_document({"Function.ExitStatus", "exit \"3\"", {"one", "two\ttabs"}}));
    CHECK(document.size() == 3);
    CHECK(document.text("/errorType") == "Function.ExitStatus");
    CHECK(document.text("/errorMessage") == "exit \"3\"");
    CHECK(document.texts("/stackTrace") == std::vector<std::string>{"one", "two\ttabs"});
}

TEST_CASE("an empty trace is an empty array") {
    CHECK(test::Json(protocol::error_document({"A", "b", {}})).texts("/stackTrace").empty());
}

TEST_CASE("a trace that is too long is left out and the message kept") {
    const auto text = protocol::error_document({"A", "kept", ten_thousand_lines});
    CHECK(text.size() <= 1024 * 1024);
    CHECK(test::Json(text).text("/errorMessage") == "kept");
    CHECK(test::Json(text).texts("/stackTrace").empty());
}

TEST_CASE("a message that is too long is cut whatever it is made of") {
    for (const auto* piece : {"x", "\"", "\x01", "\xff", "\xf0\x9f\x98\x80"}) {
        std::string message;
        while (message.size() < 100'000) message += piece;
        const auto text = protocol::error_document({"Function.Long", message, {}}, 10'000);
        CAPTURE(piece);
        CHECK(text.size() <= 10'000);
        CHECK(test::Json(text).text("/errorType") == "Function.Long");
        CHECK_FALSE(test::Json(text).text("/errorMessage").empty());
    }
}

TEST_CASE("a document of exactly the limit is whole") {
    const Failure failure{"A", "message", {"line"}};
    const auto whole = protocol::error_document(failure);
    CHECK(protocol::error_document(failure, whole.size()) == whole);
    CHECK(protocol::error_document(failure, whole.size() - 1).size() < whole.size());
}

TEST_CASE("the X-Ray cause is one line of ASCII with the exception in it") {
    const auto text = protocol::xray_cause({"A",
                                            "caf\xc3\xa9\n",
                                            {"l\xff"
                                             "1"}},
                                           "/var/task");
    CHECK(is_visible_ascii(text));
    const test::Json cause(text);
    CHECK(cause.text("/working_directory") == "/var/task");
    CHECK(cause.text("/exceptions/0/type") == "A");
    CHECK(cause.text("/exceptions/0/message") == "caf\xc3\xa9\n");
    CHECK(cause.size("/exceptions/0/stack") == 1);
    CHECK(cause.has("/paths"));
}

TEST_CASE("the X-Ray cause never grows past 64 KiB") {
    const auto traced = protocol::xray_cause({"A", "kept", ten_thousand_lines}, "/");
    CHECK(traced.size() <= 64 * 1024);
    CHECK(test::Json(traced).text("/exceptions/0/message") == "kept");
    const auto shouted = protocol::xray_cause({"A", std::string(1'000'000, '\x02'), {}}, "/");
    CHECK(shouted.size() <= 64 * 1024);
    CHECK(test::Json(shouted).text("/exceptions/0/type") == "A");
}

TEST_CASE("an error type is fit to be a header") {
    CHECK(protocol::error_type_header("Function.ExitStatus") == "Function.ExitStatus");
    for (const std::string& type : {std::string("a\r\nX-Evil: 1"), std::string("caf\xc3\xa9"),
                                    std::string("a\0b", 3), std::string(5000, 'x')}) {
        const auto header = protocol::error_type_header(type);
        CHECK(is_visible_ascii(header));
        CHECK(header.find(' ') == std::string::npos);
        CHECK_FALSE(header.empty());
        CHECK(header.size() <= 256);
    }
    CHECK_FALSE(protocol::error_type_header("").empty());
}
