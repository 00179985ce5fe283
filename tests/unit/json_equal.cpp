#include "protocol/json_equal.h"

#include "tests/test.h"

using namespace forklift::protocol;

namespace {

bool equal(std::string_view a, std::string_view b) {
    const bool result = json_equal(*JsonValue::parse(a), *JsonValue::parse(b));
    CHECK(json_equal(*JsonValue::parse(b), *JsonValue::parse(a)) == result);
    return result;
}

}  // namespace

TEST_CASE("JSON values are equal however they are written") {
    CHECK(equal("null", " null "));
    CHECK(equal(R"("caf\u00e9\/")", "\"caf\xc3\xa9/\""));
    CHECK(equal(R"("\ud83d\ude00")", "\"\xf0\x9f\x98\x80\""));
    CHECK(equal("[1, [ ]]", "[1,[]]"));
    CHECK(equal(R"({"a": 1, "b": {}})", R"({"b":{},"\u0061":1})"));
    CHECK(equal(R"({"a": 1, "a": 2})", R"({"a": 2})"));
}

TEST_CASE("JSON numbers are equal as digits or as doubles") {
    CHECK(equal("1e2", "100.0"));
    CHECK(equal("12345678901234567890", "12345678901234567000"));
    CHECK(equal("1e999", "1e999"));
    CHECK_FALSE(equal("1e999", "1e998"));
    CHECK_FALSE(equal("1", "2"));
    CHECK_FALSE(equal("0.1", "0.10000000000000002"));
}

TEST_CASE("JSON values that say something else are not equal") {
    CHECK_FALSE(equal("1", "\"1\""));
    CHECK_FALSE(equal("true", "false"));
    CHECK_FALSE(equal("\"a\"", "\"A\""));
    CHECK_FALSE(equal("[1,2]", "[2,1]"));
    CHECK_FALSE(equal("[1]", "[1,1]"));
    CHECK_FALSE(equal(R"({"a":1})", R"({"a":1,"b":2})"));
    CHECK_FALSE(equal(R"({"a":1})", R"({"b":1})"));
    CHECK_FALSE(equal(R"("\ud800")", R"("\ud801")"));
    CHECK(equal(R"("\ud800")", R"("\ud800")"));
}
