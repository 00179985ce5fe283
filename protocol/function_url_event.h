#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/headers.h"

/// From an HTTP request to the event of a Lambda function URL (payload format 2.0,
/// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). web_request.h goes the other
/// way.
namespace forklift::protocol {

/// A request as it came, and what the server that took it knows.
struct ClientRequest {
    std::string method;
    /// As it stands in the request line; see `split_target`.
    std::string target;
    /// "HTTP/1.1".
    std::string protocol;
    Headers headers;
    std::string body;
    /// Where the connection comes from, an address without port.
    std::string source_ip;
    std::uint16_t server_port = 0;
    std::string request_id;
    std::string trace_id;
    /// Stands for the id of the function URL.
    std::string api_id;
    std::chrono::system_clock::time_point time;
};

/// The two parts of a request's target. They point into the text they were split from.
struct TargetParts {
    std::string_view path;
    /// Without the question mark.
    std::string_view query;
};

/// Splits "/path?query", "http://host/path?query" or "*", which is the path "/". Nothing when the
/// target is none of these (RFC 9112, 3.2), as CONNECT's is.
std::optional<TargetParts> split_target(std::string_view target);

/// The event: header names in lower case, several values of one joined by commas, cookies apart,
/// path and query as they came and the parameters decoded; the fields of the connection are left
/// out, and x-forwarded-for, -port and -proto and x-amzn-trace-id added as Lambda adds them. The
/// body is text when its content type says so and it is UTF-8, else base64. `request.target` must
/// be one that `split_target` takes.
std::string function_url_event(const ClientRequest& request);

}  // namespace forklift::protocol
