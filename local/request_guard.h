#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/http_message.h"

namespace forklift::local {

/// Tells requests of the developer's own from those that a web page of somebody else makes the
/// developer's browser send to this machine. Two things give them away:
///
/// - the host that they were sent to. A page can have its own name lead to 127.0.0.1 (DNS
///   rebinding); what it sends then is for this name;
/// - where they come from: Origin (RFC 6454, 7), and Sec-Fetch-Site (https://www.w3.org/TR/
///   fetch-metadata/) where there is no Origin.
///
/// Pages of this machine itself (http://localhost:5173) are the developer's own. That a user is
/// sent here from another site by a link or a redirect is nothing that a page could make use of,
/// and is how signing in elsewhere ends.
class RequestGuard {
  public:
    /// For a server that is `on_loopback`, or beyond. There it looks at the host, or at the origin,
    /// only when some are allowed. "*" in a list allows any. Throws UsageError for an entry that is
    /// no host (name or address), or no origin ("https://example.com:8443", "null").
    RequestGuard(bool on_loopback, const std::vector<std::string>& allowed_hosts,
                 const std::vector<std::string>& allowed_origins);

    /// Why a request is refused, and which option would let it in; nothing when it may pass.
    std::optional<std::string> refusal(const HttpRequest& request) const;

  private:
    bool is_allowed_host(std::string_view host) const;
    std::optional<std::string> refuse_host(const std::vector<std::string>& authorities) const;
    std::optional<std::string> refuse_origin(const HttpRequest& request,
                                             const std::vector<std::string>& authorities) const;

    bool checks_hosts_;
    bool checks_origins_;
    std::vector<std::string> hosts_;
    std::vector<std::string> origins_;
};

}  // namespace forklift::local
