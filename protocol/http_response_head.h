#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/headers.h"

namespace forklift::protocol {

/// How the body behind a head is framed (RFC 9112, 6.3).
struct BodyFraming {
    enum class Kind { counted, chunked, until_close };
    Kind kind = Kind::counted;
    /// Bytes of a counted body.
    std::uint64_t length = 0;
};

/// The status line and the header fields of a response.
struct ResponseHead {
    int status = 0;
    Headers headers;
    BodyFraming framing;
    /// The server takes another request on the connection when the body has come.
    bool keeps_connection = false;
};

/// What keeps a text from being the head of a response, in words.
struct NoResponseHead {
    std::string message;
};

/// Where the head that `text` begins with ends, the empty line included; nothing when its end is
/// still to come. `from` is where to begin to look: what stands before it was looked at already.
std::optional<std::size_t> find_head_end(std::string_view text, std::size_t from);

/// Reads a head up to its empty line. Values are taken as they are: of the control characters only
/// CR and NUL, which could begin another line for somebody, become spaces (RFC 9110, 5.5), and a
/// folded line becomes one with a space. `answers_head`: the request was HEAD, so that there is no
/// body whatever the fields say.
std::variant<ResponseHead, NoResponseHead> read_response_head(std::string_view text,
                                                              bool answers_head);

}  // namespace forklift::protocol
