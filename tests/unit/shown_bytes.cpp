#include "protocol/shown_bytes.h"

#include "tests/test.h"

using forklift::protocol::shown_bytes;

TEST_CASE("bytes are shown as visible ASCII") {
    CHECK(shown_bytes("") == R"("")");
    CHECK(shown_bytes("plain ~") == R"("plain ~")");
    CHECK(shown_bytes("a\r\n\t\"\\") == R"("a\r\n\t\"\\")");
    CHECK(shown_bytes(std::string("\0\x1b\x7f\xc3\xa9", 5)) == R"("\x00\x1b\x7f\xc3\xa9")");
}

TEST_CASE("bytes are shown up to a number of them") {
    CHECK(shown_bytes("abcd", 4) == R"("abcd")");
    CHECK(shown_bytes("abcde", 4) == R"("abcd"... (5 bytes))");
}
