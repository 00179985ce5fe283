#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forklift::local {

/// "host:port" of a Host header or a URL, in lower case.
struct Authority {
    /// Without the brackets of an IPv6 address, and without a dot at its end.
    std::string host;
    /// Empty when none is given.
    std::string port;
};

Authority parse_authority(std::string_view text);

/// Is it this machine, whatever a name server says: localhost, a name below it (RFC 6761, 6.3), or
/// a loopback address?
bool is_loopback_host(std::string_view host);

/// Where a web page comes from (RFC 6454), in lower case.
struct WebOrigin {
    std::string scheme;
    Authority authority;

    /// The port, or what the scheme means without one.
    std::string effective_port() const;
    /// "https://example.com:8443".
    std::string text() const;
};

/// Reads "https://example.com:8443", with or without a slash at its end. Nothing when it is none,
/// as "null".
std::optional<WebOrigin> parse_origin(std::string_view text);

}  // namespace forklift::local
