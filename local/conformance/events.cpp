#include "local/conformance/events.h"

#include <fmt/format.h>

#include <string_view>

#include "protocol/limits.h"

namespace forklift::local {

std::string event_of_size(std::size_t bytes) {
    constexpr std::string_view head = R"({"text":")";
    constexpr std::string_view tail = R"("})";
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (bytes < 2) return std::string(bytes, '7');
    if (bytes < head.size() + tail.size()) return "[" + std::string(bytes - 2, ' ') + "]";
    std::string event(head);
    event.reserve(bytes);
    // The number of letters is prime, so that a part that is missing or twice there is seen.
    for (std::size_t i = 0; event.size() + tail.size() < bytes; ++i)
        event += letters[i % letters.size()];
    event += tail;
    return event;
}

const std::vector<std::size_t>& event_sizes() {
    static const std::vector<std::size_t> sizes = {
        1,     2,     100,   4095,  4096,        4097,
        65535, 65536, 65537, 65600, 1024 * 1024, protocol::max_request_bytes};
    return sizes;
}

std::string nested_event(std::size_t depth) {
    return R"({"nested":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

std::string event_with_members(std::size_t count) {
    std::string event = "{";
    for (std::size_t i = 0; i < count; ++i)
        event += fmt::format(R"({}"member {}":{})", i > 0 ? "," : "", i, i);
    return event + "}";
}

std::vector<std::string> binary_events() {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
    return {every_byte,
            std::string(100, '\0'),
            "\r\n\r\n",
            "\n",
            "Content-Length: 5\r\n\r\nhello",
            "5\r\nhello\r\n0\r\n\r\n",
            "caf\xe9 \xff\xfe",
            std::string(70'000, '\xff')};
}

}  // namespace forklift::local
