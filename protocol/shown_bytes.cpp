#include "protocol/shown_bytes.h"

#include <fmt/format.h>

#include <iterator>

namespace forklift::protocol {

namespace {

void append_shown(std::string& out, char c) {
    constexpr std::string_view escaped = "\"\\\n\r\t";
    const auto known = escaped.find(c);
    if (known != escaped.npos) {
        out += '\\';
        out += "\"\\nrt"[known];
    } else if (c >= ' ' && c <= '~') {
        out += c;
    } else {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
}

}  // namespace

std::string shown_bytes(std::string_view bytes, std::size_t max) {
    std::string out = "\"";
    for (const char c : bytes.substr(0, max)) append_shown(out, c);
    out += '"';
    if (bytes.size() > max) out += fmt::format("... ({} bytes)", bytes.size());
    return out;
}

}  // namespace forklift::protocol
