#include "local/conformance/events.h"

#include "protocol/json.h"
#include "protocol/limits.h"
#include "tests/test.h"

using namespace forklift;

TEST_CASE("an event has the size that it should, and is JSON") {
    for (std::size_t size = 1; size < 200; ++size) {
        CAPTURE(size);
        CHECK(local::event_of_size(size).size() == size);
        CHECK(protocol::is_json(local::event_of_size(size)));
    }
    CHECK(local::event_sizes().back() == protocol::max_request_bytes);
    for (const std::size_t size : local::event_sizes())
        CHECK(local::event_of_size(size).size() == size);
}

TEST_CASE("the other events are JSON, and the binary ones are not") {
    CHECK(protocol::is_json(local::nested_event(200)));
    CHECK(protocol::is_json(local::event_with_members(1000)));
    for (const std::string& event : local::binary_events()) CHECK_FALSE(protocol::is_json(event));
}
