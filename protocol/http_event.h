#pragma once

#include <string>
#include <variant>

#include "protocol/json_value.h"

namespace forklift::protocol {

/// Why an event does not give what was asked of it, in words.
struct NotInEvent {
    std::string message;
};

/// The body of an HTTP request that came as an event of a function URL, an API Gateway (payload
/// format 1.0 or 2.0) or a load balancer: decoded where the event says isBase64Encoded, and empty
/// where the request had none.
std::variant<std::string, NotInEvent> http_body(const JsonValue& event);

}  // namespace forklift::protocol
