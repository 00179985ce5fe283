#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/headers.h"

/// What RFC 9110 says about header fields, for those who pass them on.
namespace forklift::protocol {

/// What the name and the value of one field may have together. Beast, which writes and reads them,
/// keeps each of the two lengths in 16 bits, and ends the program over a longer one.
inline constexpr std::size_t max_field_bytes = 60 * 1024;

/// True for what may be a method or a field's name (RFC 9110, 5.6.2).
bool is_token(std::string_view text);

/// True when there is no line end or other control character in it, with which a value could pass
/// for another field.
bool is_field_value(std::string_view text);

/// `name` as servers see it that hand fields on as variables (RFC 3875, 4.1.18, and what is made
/// like it): small letters, and a dash for all that is neither letter nor digit, so that names that
/// are one to them are one here.
std::string collapsed_name(std::string_view name);

/// `text` without the spaces and tabs around it (RFC 9110, 5.6.3).
std::string_view trimmed(std::string_view text);

/// Calls `take` for each element of every field of that name (RFC 9110, 5.6.1).
template <typename Take>
void for_each_element(const Headers& headers, std::string_view name, Take take) {
    for (const auto& [field, value] : headers) {
        if (!equal_ignoring_case(field, name)) continue;
        for (std::string_view rest = value;;) {
            const auto comma = rest.find(',');
            if (const auto element = trimmed(rest.substr(0, comma)); !element.empty())
                take(element);
            if (comma == rest.npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
}

/// True for a field that belongs to one connection and is not to be passed on (RFC 9110, 7.6.1).
bool is_hop_by_hop(std::string_view name);

}  // namespace forklift::protocol
