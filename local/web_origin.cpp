#include "local/web_origin.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "protocol/headers.h"

namespace forklift::local {

namespace asio = boost::asio;

namespace {

std::string port_of(std::string_view scheme) {
    if (scheme == "http") return "80";
    return scheme == "https" ? "443" : "";
}

bool has_host_characters(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f &&
               std::string_view("/?#@\\\"<>").find(c) == std::string_view::npos;
    });
}

}  // namespace

Authority parse_authority(std::string_view text) {
    Authority authority;
    auto bracket = text.starts_with('[') ? text.find(']') : text.npos;
    // What goes on behind the bracket is no address, whatever stands within.
    if (bracket != text.npos && bracket + 1 < text.size() && text[bracket + 1] != ':')
        bracket = text.npos;
    const auto colon = bracket == text.npos ? text.find(':') : text.find(':', bracket);
    authority.host = protocol::lower_case(bracket == text.npos ? text.substr(0, colon)
                                                               : text.substr(1, bracket - 1));
    if (colon != text.npos) authority.port = text.substr(colon + 1);
    if (authority.host.size() > 1 && authority.host.ends_with('.')) authority.host.pop_back();
    return authority;
}

bool is_loopback_host(std::string_view host) {
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(std::string(host), error);
    if (error) return false;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
    return address.is_loopback();
}

std::string WebOrigin::effective_port() const {
    return authority.port.empty() ? port_of(scheme) : authority.port;
}

std::string WebOrigin::text() const {
    const bool is_v6 = authority.host.find(':') != std::string::npos;
    std::string text = scheme + "://" + (is_v6 ? '[' + authority.host + ']' : authority.host);
    const std::string port = effective_port();
    return port == port_of(scheme) ? text : text + ':' + port;
}

std::optional<WebOrigin> parse_origin(std::string_view text) {
    const auto end = text.find("://");
    if (end == text.npos || end == 0) return std::nullopt;
    WebOrigin origin;
    origin.scheme = protocol::lower_case(text.substr(0, end));
    text.remove_prefix(end + 3);
    if (text.ends_with('/')) text.remove_suffix(1);
    if (!has_host_characters(text)) return std::nullopt;
    origin.authority = parse_authority(text);
    if (origin.authority.host.empty()) return std::nullopt;
    return origin;
}

}  // namespace forklift::local
