#pragma once

#include <string>
#include <variant>

#include "protocol/json_value.h"

namespace forklift::protocol {

/// Why an event does not give what was asked of it, in words.
struct NotInEvent {
    std::string message;
};

/// True for the events of Lambda authorizers, which look much like the requests that they are about
/// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-lambda-authorizer-input.html,
/// and .../http-api-lambda-authorizer.html): they have a type and the ARN of a method or route.
bool is_authorizer_event(const JsonValue& event);

/// The body of an HTTP request that came as an event of a function URL, an API Gateway (payload
/// format 1.0 or 2.0) or a load balancer: decoded where the event says isBase64Encoded, and empty
/// where the request had none. NotInEvent for another event.
std::variant<std::string, NotInEvent> http_body(const JsonValue& event);

}  // namespace forklift::protocol
