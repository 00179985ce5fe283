#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/headers.h"
#include "protocol/http_event.h"
#include "protocol/json_value.h"

namespace forklift::protocol {

/// The three shapes in which Lambda hands on HTTP requests, and wants the answers back.
enum class WebForm {
    /// A function URL, or an API Gateway with payload format 2.0.
    payload_2,
    /// Payload format 1.0, or a load balancer, with every value of a header.
    every_value,
    /// A load balancer with the last value of each header alone.
    last_value,
};

/// The HTTP request that an event stands for, as a web server can take it.
struct WebRequest {
    WebForm form = WebForm::payload_2;
    std::string method;
    /// Path and query. What may not stand in a request line is percent-encoded.
    std::string target;
    /// Without what belongs to one connection (Connection, Transfer-Encoding, ...), and without
    /// what is not the client's to send: Lambda-Runtime-*, x-amzn-request-context,
    /// x-amzn-lambda-context, x-amz-tenant-id, Content-Length, Expect and Proxy, in any spelling
    /// that a server could take for these: see `collapsed_name`; nor anything that it could take
    /// for another X-Forwarded-*, X-Amzn-* or X-Amz-* than it is.
    Headers headers;
    /// The names of those that could stand in no request, for what is in their name or value.
    std::vector<std::string> left_out;
    /// Decoded. Nothing when the request has none, and its method does not ask for one.
    std::optional<std::string> body;
};

/// An event that is not an HTTP request.
struct NoWebEvent {};

/// The request that `event` stands for, if it is of a function URL, an API Gateway or a load
/// balancer; NotInEvent when it is one, and its body cannot be had, or its path,
/// query and headers have more than 1 MiB. An event that asks an
/// authorizer about a request is not the request.
std::variant<WebRequest, NoWebEvent, NotInEvent> read_web_request(const JsonValue& event);

}  // namespace forklift::protocol
