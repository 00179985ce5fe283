#include "protocol/json.h"

#include "tests/support/json.h"
#include "tests/test.h"

using namespace forklift;
using namespace std::string_literals;
using protocol::is_json;

namespace {

std::string nested(int depth, const std::string& open, const std::string& core,
                   const std::string& close) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    text += core;
    for (int i = 0; i < depth; ++i) text += close;
    return text;
}

}  // namespace

TEST_CASE("every kind of JSON value is JSON") {
    for (const auto* text :
         {"{}", "[]", "\"\"", "0", "-0.5e+10", "true", "false", "null", " 1 \n",
          R"({"a":[1,{"b":null}]})", R"("\u00e9\ud83d\ude00\n\/")", "\"\xc3\xa9\""}) {
        CAPTURE(text);
        CHECK(is_json(text));
    }
}

TEST_CASE("what is nearly JSON is not JSON") {
    for (const auto* text : {"",          " ",
                             "\n",        "{",
                             "}",         "[1,]",
                             "{\"a\":}",  "{'a':1}",
                             "{a:1}",     "nul",
                             "TRUE",      "NaN",
                             "01",        "+1",
                             ".5",        "1.",
                             "1 2",       "{} {}",
                             "{}x",       "\"",
                             "\"\n\"",    "\"\\x41\"",
                             "\"\\u12\"", "// c\n1",
                             "[1] ]",     "\xef\xbb\xbf{}x",
                             "1e",        "-"}) {
        CAPTURE(text);
        CHECK_FALSE(is_json(text));
    }
}

TEST_CASE("a NUL byte is no JSON and ends none") {
    CHECK_FALSE(is_json("{}\0"s));
    CHECK_FALSE(is_json("\0"s));
    CHECK_FALSE(is_json("\"a\0b\""s));
}

TEST_CASE("bytes that are not UTF-8 are not JSON") {
    for (const auto* text : {"\"\xff\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
                             "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\""}) {
        CHECK_FALSE(is_json(text));
    }
}

TEST_CASE("an escaped lone surrogate is JSON by its grammar") {
    CHECK(is_json(R"("\ud800")"));
    CHECK(is_json(R"({"a":"\udc00\ud800"})"));
    CHECK(is_json(R"(["\\ud800","\uD83D\uDE00","\uDBFF"])"));
    CHECK_FALSE(is_json(R"("\ud80")"));
    CHECK_FALSE(is_json(R"("\ud8zz")"));
    CHECK_FALSE(is_json(R"(["\ud800",])"));
}

TEST_CASE("numbers of any size are JSON") {
    CHECK(is_json("18446744073709551615"));
    CHECK(is_json("-9223372036854775808"));
    CHECK(is_json("1E-400"));
    CHECK(is_json("[0.1,1e2,123456789.123456789]"));
}

TEST_CASE("numbers that no machine number holds are JSON too") {
    CHECK(is_json("18446744073709551616"));
    CHECK(is_json("123456789012345678901234567890"));
    CHECK(is_json("{\"id\":-9223372036854775809}"));
    CHECK(is_json("1e400"));
}

TEST_CASE("nesting a hundred thousand deep is JSON") {
    CHECK(is_json(nested(100'000, "[", "", "]")));
    CHECK(is_json(nested(100'000, "{\"a\":", "1", "}")));
    CHECK_FALSE(is_json(nested(100'000, "[", "", "]") + "]"));
    CHECK_FALSE(is_json(nested(100'000, "[", "", "") + nested(99'999, "]", "", "")));
    // What came before a deep document does not change what comes after it.
    CHECK(is_json("{}"));
    CHECK(is_json(nested(1024, "[", "", "]")));
    CHECK(is_json(nested(1025, "[", "", "]")));
}

TEST_CASE("a document of six megabytes is JSON") {
    const std::string body(6 * 1024 * 1024, 'x');
    CHECK(is_json("\"" + body + "\""));
    CHECK_FALSE(is_json("\"" + body));
    CHECK(is_json("[" + std::string(5'000'000, ' ') + "]"));
}

TEST_CASE("UTF-8 is told from what is not") {
    CHECK(protocol::is_utf8(""));
    CHECK(protocol::is_utf8("a\0b"s));
    CHECK(protocol::is_utf8("\xf0\x9f\x98\x80"));
    CHECK_FALSE(protocol::is_utf8("\x80"));
    CHECK_FALSE(protocol::is_utf8("a\xe2\x82"));
    CHECK_FALSE(protocol::is_utf8("\xed\xb0\x80"));
}

TEST_CASE("any text comes back from its JSON string") {
    for (const auto& text :
         {""s, "plain"s, "\"\\/\b\f\n\r\t"s, "\x01\x1f\x7f"s, "a\0b"s, "\xc3\xa9"s, "\xe2\x82\xac"s,
          "\xf0\x9f\x98\x80"s, "</script>"s, "\xe2\x80\xa8"s}) {
        CHECK(test::Json(protocol::json_string(text)).text() == text);
        std::string ascii;
        protocol::append_json_string(ascii, text, true);
        CHECK(test::Json(ascii).text() == text);
        CHECK(
            std::all_of(ascii.begin(), ascii.end(), [](char c) { return c >= ' ' && c < '\x7f'; }));
    }
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
    const std::string replacement = "\xef\xbf\xbd";
    CHECK(test::Json(protocol::json_string("a\xff"
                                           "b"))
              .text() == "a" + replacement + "b");
    CHECK(test::Json(protocol::json_string("\xc3")).text() == replacement);
    CHECK(test::Json(protocol::json_string("\xc3\xa9\x80")).text() == "\xc3\xa9" + replacement);
    std::string ascii;
    protocol::append_json_string(ascii, "\xff", true);
    CHECK(ascii == "\"\\ufffd\"");
}

TEST_CASE("objects are written member by member") {
    CHECK(protocol::JsonObject().finish() == "{}");
    const std::vector<std::string> lines{"one", "t\"wo"};
    CHECK(protocol::JsonObject().text("a", "x").raw("b", "[1]").texts("c", lines).finish() ==
          R"({"a":"x","b":[1],"c":["one","t\"wo"]})");
    CHECK(protocol::JsonObject(true).text("\xc3\xa9", "\xc3\xa9").finish() ==
          R"({"\u00e9":"\u00e9"})");
}
