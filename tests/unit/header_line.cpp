#include "protocol/header_line.h"

#include "tests/test.h"

using namespace forklift::protocol;

namespace {

std::string read(std::string_view line) {
    const auto field = read_header_line(line);
    return field ? std::string(field->first) + "=" + std::string(field->second) : "none";
}

}  // namespace

TEST_CASE("a header line is a name, a colon and a value") {
    CHECK(read("A: b") == "A=b");
    CHECK(read("A:b") == "A=b");
    CHECK(read("A-1: \t b c \t") == "A-1=b c");
    CHECK(read("A:") == "A=");
    CHECK(read("A: b: c") == "A=b: c");
    CHECK(read("A: caf\xc3\xa9\tb") == "A=caf\xc3\xa9\tb");
}

TEST_CASE("what is no header line is refused") {
    for (const char* line : {"", "A", ": b", " A: b", "A : b", R"({"a": "b"})", "A: b\rC: d",
                             "A: \x1b[1m", "A\xc3\xa9: b", "A: \x7f"}) {
        CAPTURE(line);
        CHECK(read(line) == "none");
    }
    CHECK(read(std::string_view("A\0: b", 5)) == "none");
    CHECK(read(std::string_view("A: \0b", 5)) == "none");
}

TEST_CASE("a length is decimal digits") {
    CHECK(read_length("0") == 0);
    CHECK(read_length("0042") == 42);
    CHECK(read_length("9223372036854775807") == INT64_MAX);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x10", "1,1", "1.0", "ten",
                             "9223372036854775808", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(read_length(text));
    }
}

TEST_CASE("the size of a chunk is hexadecimal digits, and extensions are ignored") {
    CHECK(read_chunk_size("0") == 0);
    CHECK(read_chunk_size("1aF") == 0x1af);
    CHECK(read_chunk_size("00010") == 16);
    CHECK(read_chunk_size("a;name=value") == 10);
    CHECK(read_chunk_size("a ; name") == 10);
    for (const char* line : {"", ";a", "g", "-1", "0x10", "1 2", "ffffffffffffffff"}) {
        CAPTURE(line);
        CHECK_FALSE(read_chunk_size(line));
    }
}
