#include "protocol/json_value.h"

#include "protocol/json.h"
#include "protocol/json_mistake.h"
#include "protocol/json_pointer.h"
#include "tests/test.h"

using namespace forklift::protocol;

namespace {

JsonValue json(std::string_view text) {
    auto value = JsonValue::parse(text);
    REQUIRE(value);
    return *value;
}

/// What stands at `pointer`, as it is written; "nothing" where there is nothing.
std::string at(std::string_view text, std::string_view pointer) {
    const auto parsed = JsonPointer::parse(pointer);
    REQUIRE(parsed);
    const auto value = parsed->find(json(text));
    return value ? std::string(value->raw()) : "nothing";
}

std::string syntax(std::string_view text) {
    const auto mistake = find_json_mistake(text);
    if (!mistake) return "fine";
    return std::to_string(mistake->line) + ":" + std::to_string(mistake->column) + " " +
           mistake->what;
}

/// RFC 6901, 5.
constexpr const char* rfc_example = R"({"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2,
    "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8})";

}  // namespace

TEST_CASE("pointers find what RFC 6901 says they find") {
    CHECK(at(rfc_example, "/foo") == R"(["bar", "baz"])");
    CHECK(at(rfc_example, "/foo/0") == "\"bar\"");
    CHECK(at(rfc_example, "/") == "0");
    CHECK(at(rfc_example, "/a~1b") == "1");
    CHECK(at(rfc_example, "/c%d") == "2");
    CHECK(at(rfc_example, "/e^f") == "3");
    CHECK(at(rfc_example, "/g|h") == "4");
    CHECK(at(rfc_example, "/i\\j") == "5");
    CHECK(at(rfc_example, "/k\"l") == "6");
    CHECK(at(rfc_example, "/ ") == "7");
    CHECK(at(rfc_example, "/m~0n") == "8");
    CHECK(at("[1, [2]]", "") == "[1, [2]]");
}

TEST_CASE("a pointer to what is not there finds nothing") {
    for (const auto* pointer :
         {"/b", "/a/2", "/a/-", "/a/01", "/a/ 0", "/a/x", "/a/0/0", "/a/99999999999999999999"}) {
        CAPTURE(pointer);
        CHECK(at(R"({"a": [1, 2]})", pointer) == "nothing");
    }
}

TEST_CASE("a text that is no pointer is refused") {
    for (const auto* text : {"a", "a/b", "/~", "/a~2", "#/a"}) {
        CAPTURE(text);
        CHECK_FALSE(JsonPointer::parse(text));
    }
}

TEST_CASE("brackets and quotes within strings are no structure") {
    CHECK(at(R"({"a": "]}\"{[\\", "b": [{"c": "}"}, 2]})", "/b/1") == "2");
    CHECK(at(R"( [ [ ] , { } , "x" ] )", "/2") == "\"x\"");
}

TEST_CASE("names are compared by their characters, and the last of a name counts") {
    CHECK(at(R"({"\u0061": 1})", "/a") == "1");
    CHECK(at(R"({"a": 1, "a": 2})", "/a") == "2");
}

TEST_CASE("strings are read with their escapes") {
    CHECK(json(R"("a\"\\\/\b\f\n\r\t")").string() == "a\"\\/\b\f\n\r\t");
    CHECK(json(R"("\u00e9\u20ac\ud83d\ude00é")").string() == "é€😀é");
    CHECK(json(R"("\u0000")").string() == std::string(1, '\0'));
    CHECK_FALSE(json(R"("\ud83d")").string());
    CHECK_FALSE(json(R"("\ude00\ud83d")").string());
    CHECK_FALSE(json("1").string());
}

TEST_CASE("values keep every digit, and lose only the space between tokens") {
    CHECK(at(R"({"n": 12345678901234567890123.10})", "/n") == "12345678901234567890123.10");
    CHECK(json(" { \"a b\" : [ 1 , \"x y\" ] } ").minified() == R"({"a b":[1,"x y"]})");
}

TEST_CASE("a string member is read with its escapes, and a lone surrogate replaced") {
    const auto object = json(R"({"errorType":"A\nB","n":1,"\u0061":"b","bad":"\ud800"})");
    CHECK(object.text_of("errorType") == "A\nB");
    CHECK(object.text_of("a") == "b");
    CHECK(object.text_of("bad") == "\xef\xbf\xbd");
    CHECK_FALSE(object.text_of("n"));
    CHECK_FALSE(object.text_of("other"));
}

TEST_CASE("nesting costs no stack") {
    const std::string deep(200'000, '[');
    const std::string text = "{\"a\":" + deep + std::string(200'000, ']') + ",\"b\":1}";
    CHECK(at(text, "/b") == "1");
    const auto members = json(text).members();
    CHECK(std::distance(members.begin(), members.end()) == 2);
}

TEST_CASE("a mistake is found where it stands") {
    CHECK(syntax("{\"a\": 1,\n \"b\" 2}") == "2:6 found 2, where a colon must stand");
    CHECK(syntax("{\"a\": 1,\n}") == "2:1 found }, where a name in double quotes must stand");
    CHECK(syntax("[1 2]") == "1:4 found 2, where a comma or ] must stand");
    CHECK(syntax("{'a': 1}") == "1:2 found ', where a name in double quotes must stand");
    CHECK(syntax("[1,") == "1:4 the text ends where a value must stand");
    CHECK(syntax("\"a") == "1:3 the text ends where a closing quote must stand");
    CHECK(syntax("{} {}") == "1:4 found {, where the end of the text must stand");
    CHECK(syntax("// x\n{}") == "1:1 found /, where a value must stand");
    CHECK(syntax("\n\n\"\xff\"") == "3:1 found bytes that are not UTF-8 in this line");
    CHECK(syntax("") == "1:1 the text ends where a value must stand");
}

TEST_CASE("what is JSON and what is not is the same to both readers") {
    const std::string text =
        R"({"a": [1, -2.5e+3, true, null, "x\n\u00e9"], "b": {"c": {}}, "d": [], "e": 0})";
    CHECK(is_json(text));
    CHECK(syntax(text) == "fine");
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string cut = text;
        cut.erase(i, 1);
        CAPTURE(cut);
        CHECK(is_json(cut) == (syntax(cut) == "fine"));
        for (const char c : std::string("\"\\{}[],:0-.eu\n\x01\xc3")) {
            std::string changed = text;
            changed[i] = c;
            CAPTURE(changed);
            CHECK(is_json(changed) == (syntax(changed) == "fine"));
        }
    }
}

TEST_CASE("a number of any size is JSON") {
    CHECK(is_json("123456789012345678901234567890"));
    CHECK(is_json("[1e400, -1E-400]"));
    CHECK_FALSE(is_json("[1e]"));
    CHECK_FALSE(is_json("0123456789012345678901234567890"));
}
