#pragma once

#include <string>
#include <string_view>

namespace forklift::protocol {

/// `text` with every %XX (RFC 3986, 2.1) as the byte it stands for. A % that no two hexadecimal
/// digits follow stays as it is.
std::string percent_decode(std::string_view text);

/// The same for a name or a value of a query as browsers write it, where + is a space.
std::string query_decode(std::string_view text);

}  // namespace forklift::protocol
