#include "protocol/headers.h"

#include "tests/test.h"

using forklift::protocol::Headers;

TEST_CASE("header names compare without regard to case") {
    const Headers headers{{"Content-Type", "a"}, {"X-Two", "first"}, {"x-two", "second"}};
    CHECK(headers.find("content-TYPE") == "a");
    CHECK(headers.find("X-TWO") == "first");
    CHECK_FALSE(headers.find("Content-Typ"));
    CHECK_FALSE(headers.find("Content-Type2"));
    CHECK_FALSE(headers.find(""));
}

TEST_CASE("only letters have a case") {
    CHECK(forklift::protocol::equal_ignoring_case("a-Z", "A-z"));
    CHECK_FALSE(forklift::protocol::equal_ignoring_case("[", "{"));
    CHECK_FALSE(forklift::protocol::equal_ignoring_case("\xc3\xa9", "\xc3\x89"));
}
