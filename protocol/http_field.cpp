#include "protocol/http_field.h"

#include <algorithm>
#include <array>

namespace forklift::protocol {

bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    const auto fits = [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               marks.find(c) != marks.npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool is_field_value(std::string_view text) {
    const auto fits = [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    };
    return std::all_of(text.begin(), text.end(), fits);
}

std::string collapsed_name(std::string_view name) {
    std::string collapsed(name);
    for (char& c : collapsed) {
        const bool is_capital = c >= 'A' && c <= 'Z';
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        c = is_capital ? static_cast<char>(c - 'A' + 'a') : is_plain ? c : '-';
    }
    return collapsed;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_hop_by_hop(std::string_view name) {
    constexpr std::array<std::string_view, 8> names = {
        "Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
        "TE",         "Trailer",    "Transfer-Encoding",   "Upgrade"};
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view known) { return equal_ignoring_case(known, name); });
}

}  // namespace forklift::protocol
