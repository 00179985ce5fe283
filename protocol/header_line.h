#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

/// The small grammars of a message's header lines (RFC 9110, 5.6; RFC 9112, 7.1).
namespace forklift::protocol {

/// Name and value of a header line, given without its end. Nothing when it is none: no colon, a
/// name that is no token, or a control character in the value.
std::optional<std::pair<std::string_view, std::string_view>> read_header_line(
    std::string_view line);

/// A length in decimal digits and nothing else; nothing for what 63 bits cannot hold.
std::optional<std::uint64_t> read_length(std::string_view text);

/// The size in hexadecimal digits that a chunk begins with; what follows a semicolon is ignored.
std::optional<std::uint64_t> read_chunk_size(std::string_view line);

}  // namespace forklift::protocol
