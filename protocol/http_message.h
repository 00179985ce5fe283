#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/headers.h"

/// What a client says to an HTTP/1.1 server, and what comes of it.
namespace forklift::protocol {

struct HttpRequest {
    /// Empty: GET when there is no body, POST when there is one, be it empty.
    std::string method;
    /// Path and query, as they go into the request line.
    std::string target;
    Headers headers;
    /// Borrowed until the answer is there.
    std::optional<std::string_view> body;
    /// 0 for as long as it takes.
    std::chrono::milliseconds timeout{0};
    /// Bytes that the body of the answer may have; 0 for no limit.
    std::size_t max_answer = 0;
};

struct HttpResponse {
    int status = 0;
    /// Those of the head; trailers are dropped (RFC 9110, 6.5.1).
    Headers headers;
    std::string body;
};

/// A request that brought no answer back.
struct HttpError {
    /// Whether the server can have the request. `none`: it could not be reached, or the connection
    /// died before its kernel had acknowledged a byte of a request that it cannot have read whole:
    /// part of it was never sent, or the server had closed the connection before it came.
    enum class Acknowledged { none, maybe };
    Acknowledged acknowledged = Acknowledged::maybe;
    std::string message;
    /// Set when the answer was larger than `HttpRequest::max_answer`: its bytes, as far as they
    /// were announced or had come.
    std::optional<std::uint64_t> answer_size = {};
};

using HttpResult = std::variant<HttpResponse, HttpError>;

}  // namespace forklift::protocol
