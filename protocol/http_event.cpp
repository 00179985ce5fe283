#include "protocol/http_event.h"

#include "protocol/base64.h"

namespace forklift::protocol {

namespace {

/// Every HTTP event has one of these, whether or not the request had a body.
bool is_http_event(const JsonValue& event) {
    return event.member("requestContext") || event.member("httpMethod") || event.member("body");
}

}  // namespace

bool is_authorizer_event(const JsonValue& event) {
    const auto type = event.member("type");
    const auto text = type ? type->string() : std::nullopt;
    if (text != "REQUEST" && text != "TOKEN") return false;
    return event.member("methodArn") || event.member("routeArn");
}

std::variant<std::string, NotInEvent> http_body(const JsonValue& event) {
    if (!is_http_event(event)) {
        return NotInEvent{
            "the event is not an HTTP request: it has neither body nor requestContext"};
    }
    if (is_authorizer_event(event))
        return NotInEvent{"the event is not an HTTP request: it asks an authorizer about one"};
    const auto body = event.member("body");
    if (!body || body->kind() == JsonValue::Kind::null) return std::string();
    auto text = body->string();
    if (!text) return NotInEvent{"the body of the event is not a string of UTF-8 text"};
    const auto encoded = event.member("isBase64Encoded");
    if (!encoded || encoded->raw() != "true") return std::move(*text);
    auto bytes = base64_decode(*text);
    if (!bytes) return NotInEvent{"the event says isBase64Encoded, but its body is not base64"};
    return std::move(*bytes);
}

}  // namespace forklift::protocol
