#include "protocol/base64.h"

#include "tests/test.h"

using namespace forklift::protocol;
using namespace std::string_literals;

TEST_CASE("base64 as RFC 4648 section 10 has it") {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"},
                                                           {"\0\xff\xfe"s, "AP/+"},
                                                           {"\xfb\xff"s, "+/8="}};
    for (const auto& [bytes, text] : vectors) {
        CHECK(base64_encode(bytes) == text);
        CHECK(base64_decode(text) == bytes);
    }
}

TEST_CASE("every byte comes back from base64") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        const auto part = bytes.substr(0, length);
        CHECK(base64_decode(base64_encode(part)) == part);
    }
}

TEST_CASE("what is not base64 is not decoded") {
    for (const auto* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Z=9v", "Zm 9",
                             "Zm9_", "Zm9-", "Zm9v\n", "Zg==Zg==", "\xff\xff\xff\xff"}) {
        CAPTURE(text);
        CHECK_FALSE(base64_decode(text));
    }
    CHECK_FALSE(base64_decode("Zm9\0"s));
}
