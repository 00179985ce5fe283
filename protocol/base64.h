#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forklift::protocol {

/// The standard alphabet with padding (RFC 4648, 4).
std::string base64_encode(std::string_view bytes);

/// Nothing when `text` is not base64: a foreign character, or a length or padding that cannot be.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace forklift::protocol
