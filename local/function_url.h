#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "local/answer.h"
#include "local/function.h"
#include "local/http_message.h"
#include "local/invocation.h"
#include "protocol/function_url_response.h"

/// A Lambda function URL: any request is an event, and the function's answer the response
/// (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html).
namespace forklift::local {

/// The invocation for a request that came to `server_port`; what cannot be an event gets the reply
/// that says so.
std::variant<std::shared_ptr<const Invocation>, HttpReply> read_url_request(
    HttpRequest request, const Function& function, std::uint16_t server_port);

/// The reply for an answer. A function that failed gives what a function URL gives then, which
/// tells the client nothing of the error.
std::variant<HttpReply, protocol::MalformedAnswer> url_reply(const Invocation& invocation,
                                                             const Answer& answer);

/// 502: the function failed, or its answer cannot be a response.
HttpReply bad_gateway(const Invocation& invocation);

}  // namespace forklift::local
