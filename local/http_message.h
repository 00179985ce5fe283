#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "protocol/headers.h"

namespace forklift::local {

/// A request that has been read to its end.
struct HttpRequest {
    std::string method;
    /// Path and query, as they came.
    std::string target;
    /// "HTTP/1.1".
    std::string version;
    /// The client's address, without its port; empty when it has gone already.
    std::string peer;
    protocol::Headers headers;
    /// The fields behind a chunked body. What a client says there is not to be taken for a header:
    /// nobody has looked at it when the request was let in (RFC 9110, 6.5.1).
    protocol::Headers trailers;
    /// Empty when the body was larger than the server takes; `body_size` tells.
    std::string body;
    /// Bytes of the body as it was sent.
    std::uint64_t body_size = 0;
    /// The body broke off before its end.
    bool truncated = false;
    /// There is no memory left for its body, which has not been read to its end.
    bool crowded_out = false;
};

struct HttpReply {
    int status = 200;
    protocol::Headers headers;
    /// Shared, because an event of megabytes is not copied for being sent. Null for no body.
    std::shared_ptr<const std::string> body;
};

inline HttpReply json_reply(int status, std::string json) {
    return {status,
            {{"Content-Type", "application/json"}},
            std::make_shared<const std::string>(std::move(json))};
}

}  // namespace forklift::local
