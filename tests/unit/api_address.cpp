#include "protocol/runtime_api.h"
#include "tests/test.h"

using forklift::protocol::check_api_address;

TEST_CASE("the address of the Runtime API is a host and a port") {
    CHECK_FALSE(check_api_address("127.0.0.1:9001"));
    CHECK_FALSE(check_api_address("169.254.100.1:9001"));
    CHECK_FALSE(check_api_address("localhost:1"));
}

TEST_CASE("an address that is no host and port is refused with the address in the message") {
    for (const auto* address :
         {"", ":", ":9001", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
          "127.0.0.1:-1", "127.0.0.1:9001/x", "http://127.0.0.1:9001", "127.0.0.1:90 01", "h ost:1",
          "user@127.0.0.1:9001", "127.0.0.1:9001x"}) {
        CAPTURE(address);
        const auto trouble = check_api_address(address);
        REQUIRE(trouble);
        CHECK(forklift::test::contains(*trouble, address));
    }
}
