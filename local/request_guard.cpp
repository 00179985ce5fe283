#include "local/request_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "local/usage_error.h"
#include "local/web_origin.h"

namespace forklift::local {

namespace {

constexpr const char* any = "*";
/// How much of a header is repeated.
constexpr std::size_t max_shown = 256;

bool contains(const std::vector<std::string>& texts, std::string_view wanted) {
    return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

std::vector<std::string> values_of(const HttpRequest& request, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [field, value] : request.headers)
        if (protocol::equal_ignoring_case(field, name)) values.push_back(value);
    return values;
}

bool says(const HttpRequest& request, std::string_view name, std::string_view value) {
    return contains(values_of(request, name), value);
}

/// The hosts that the request was sent to, of which there should be one. The host in a target like
/// "http://host/path" is the one that counts (RFC 9112, 3.2.2).
std::vector<std::string> authorities_of(const HttpRequest& request) {
    auto authorities = values_of(request, "Host");
    const auto scheme_end = request.target.find("://");
    if (!request.target.starts_with('/') && scheme_end != std::string::npos) {
        const std::string_view rest = std::string_view(request.target).substr(scheme_end + 3);
        const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
        // What stands before an @ is no part of the host.
        const auto at = authority.rfind('@');
        authorities.emplace_back(authority.substr(at == authority.npos ? 0 : at + 1));
    }
    return authorities;
}

/// The user goes to a page here, from wherever that may be.
bool is_visit(const HttpRequest& request) {
    return (request.method == "GET" || request.method == "HEAD") &&
           says(request, "Sec-Fetch-Mode", "navigate") &&
           says(request, "Sec-Fetch-Dest", "document");
}

/// Whatever the scheme: whoever takes TLS off in front of this server passes the host on.
bool is_own(const WebOrigin& origin, const std::vector<std::string>& authorities) {
    return std::any_of(authorities.begin(), authorities.end(), [&](const std::string& text) {
        const WebOrigin own{origin.scheme, parse_authority(text)};
        return own.text() == origin.text();
    });
}

bool is_loopback(const WebOrigin& origin) {
    return (origin.scheme == "http" || origin.scheme == "https") &&
           is_loopback_host(origin.authority.host);
}

std::string read_host(const std::string& text) {
    if (text == any) return text;
    const auto wrong = [&text](const char* why) {
        return UsageError(fmt::format(
            "--allow-host {}: {}; it should be a host, such as app.example.com", text, why));
    };
    const bool is_bare_v6 = std::count(text.begin(), text.end(), ':') > 1 && text[0] != '[';
    const auto origin = parse_origin("http://" + (is_bare_v6 ? '[' + text + ']' : text));
    if (!origin) throw wrong("it is no host");
    if (!origin->authority.port.empty()) throw wrong("a host is named without a port");
    return origin->authority.host;
}

std::string read_origin(const std::string& text) {
    if (text == any || text == "null") return text;
    const auto origin = parse_origin(text);
    if (!origin) {
        throw UsageError(fmt::format(
            "--allow-origin {}: it is no origin; it should be like https://app.example.com:8443",
            text));
    }
    return origin->text();
}

std::string refused(std::string_view what, std::string_view option) {
    return fmt::format("{}; forklift serve lets it in with {}", what, option);
}

}  // namespace

RequestGuard::RequestGuard(bool on_loopback, const std::vector<std::string>& allowed_hosts,
                           const std::vector<std::string>& allowed_origins)
    : checks_hosts_(on_loopback || !allowed_hosts.empty()),
      checks_origins_(on_loopback || !allowed_origins.empty()) {
    for (const std::string& host : allowed_hosts) hosts_.push_back(read_host(host));
    for (const std::string& origin : allowed_origins) origins_.push_back(read_origin(origin));
}

bool RequestGuard::is_allowed_host(std::string_view host) const {
    return is_loopback_host(host) || contains(hosts_, any) || contains(hosts_, host);
}

std::optional<std::string> RequestGuard::refuse_host(
    const std::vector<std::string>& authorities) const {
    for (const std::string& text : authorities) {
        const std::string host = parse_authority(text).host;
        if (is_allowed_host(host)) continue;
        const std::string shown = host.substr(0, max_shown);
        return refused(fmt::format("The host \"{}\" is not this machine", shown),
                       "--allow-host " + shown);
    }
    return std::nullopt;
}

std::optional<std::string> RequestGuard::refuse_origin(
    const HttpRequest& request, const std::vector<std::string>& authorities) const {
    const auto texts = values_of(request, "Origin");
    if ((texts.empty() && is_visit(request)) || contains(origins_, any)) return std::nullopt;
    for (const std::string& text : texts) {
        const auto origin = parse_origin(text);
        const bool is_allowed = origin ? is_own(*origin, authorities) || is_loopback(*origin) ||
                                             contains(origins_, origin->text())
                                       : contains(origins_, text);
        if (is_allowed) continue;
        const std::string shown = text.substr(0, max_shown);
        return refused(fmt::format("The request comes from a page of another site, \"{}\"", shown),
                       "--allow-origin " + shown);
    }
    if (!texts.empty()) return std::nullopt;
    // Another port of this machine is the same site.
    const bool is_local = std::all_of(authorities.begin(), authorities.end(), [](const auto& text) {
        return is_loopback_host(parse_authority(text).host);
    });
    if (says(request, "Sec-Fetch-Site", "cross-site") ||
        (says(request, "Sec-Fetch-Site", "same-site") && !is_local)) {
        return refused(
            "The request comes from a page of another site, which the browser does not name",
            "--allow-origin \"*\"");
    }
    return std::nullopt;
}

std::optional<std::string> RequestGuard::refusal(const HttpRequest& request) const {
    const auto authorities = authorities_of(request);
    if (checks_hosts_) {
        if (auto why = refuse_host(authorities)) return why;
    }
    return checks_origins_ ? refuse_origin(request, authorities) : std::nullopt;
}

}  // namespace forklift::local
