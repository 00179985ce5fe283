#include "protocol/header_line.h"

#include <algorithm>
#include <charconv>

#include "protocol/http_field.h"

namespace forklift::protocol {

namespace {

bool is_token_character(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && marks.find(c) != marks.npos);
}

bool is_control_character(char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
}

std::optional<std::uint64_t> read_number(std::string_view text, int base) {
    // from_chars takes no sign here, no white space and no 0x.
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc() || stopped != end || number > INT64_MAX) return std::nullopt;
    return number;
}

}  // namespace

std::optional<std::pair<std::string_view, std::string_view>> read_header_line(
    std::string_view line) {
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0) return std::nullopt;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!std::all_of(name.begin(), name.end(), is_token_character)) return std::nullopt;
    if (std::any_of(value.begin(), value.end(), is_control_character)) return std::nullopt;
    return std::pair(name, value);
}

std::optional<std::uint64_t> read_length(std::string_view text) { return read_number(text, 10); }

std::optional<std::uint64_t> read_chunk_size(std::string_view line) {
    return read_number(trimmed(line.substr(0, line.find(';'))), 16);
}

}  // namespace forklift::protocol
