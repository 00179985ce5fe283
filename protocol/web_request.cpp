#include "protocol/web_request.h"

#include <fmt/format.h>

#include "protocol/http_field.h"

namespace forklift::protocol {

namespace {

using Kind = JsonValue::Kind;

constexpr std::string_view not_encoded =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
/// What may stand in a path or a query as it is, `%` of what is encoded already included.
constexpr std::string_view in_target = "!$&'()*+,;=:@/%[]|";

std::string encoded(std::string_view text, std::string_view plain) {
    std::string out;
    for (const char c : text) {
        const bool as_it_is = not_encoded.find(c) != text.npos || plain.find(c) != text.npos;
        out += as_it_is ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string text_at(const JsonValue& value, std::string_view name) {
    const auto member = value.member(name);
    return member ? member->string().value_or("") : "";
}

bool is_object(const std::optional<JsonValue>& value) {
    return value && value->kind() == Kind::object;
}

/// Calls `take(name, value)` for each name of the object and each of its values: a string, or
/// strings in an array.
template <typename Take>
void for_each_value(const JsonValue& object, Take take) {
    for (const auto& [name, value] : object.members()) {
        if (const auto text = value.string()) take(name, *text);
        for (const JsonValue& element : value.elements())
            if (const auto text = element.string()) take(name, *text);
    }
}

/// The member with every value, or the one with the last of each.
std::optional<JsonValue> values_of(const JsonValue& event, std::string_view every,
                                   std::string_view last) {
    const auto many = event.member(every);
    return is_object(many) ? many : event.member(last);
}

bool is_for_server(std::string_view name) {
    constexpr std::string_view ours = "lambda-runtime-";
    const bool is_ours =
        name.size() >= ours.size() && equal_ignoring_case(name.substr(0, ours.size()), ours);
    return !is_ours && !is_hop_by_hop(name) && !equal_ignoring_case(name, "Content-Length") &&
           !equal_ignoring_case(name, "Expect");
}

void add_cookie(std::string& cookies, std::string_view more) {
    if (!cookies.empty() && !more.empty()) cookies += "; ";
    cookies += more;
}

Headers headers_of(const JsonValue& event) {
    Headers headers;
    std::string cookies;
    if (const auto fields = values_of(event, "multiValueHeaders", "headers")) {
        for_each_value(*fields, [&](const std::string& name, const std::string& value) {
            if (!is_token(name) || !is_field_value(value) || !is_for_server(name)) return;
            if (equal_ignoring_case(name, "Cookie"))
                add_cookie(cookies, value);
            else
                headers.add(name, value);
        });
    }
    if (const auto list = event.member("cookies")) {
        for (const JsonValue& cookie : list->elements()) {
            const auto text = cookie.string();
            if (text && is_field_value(*text)) add_cookie(cookies, *text);
        }
    }
    if (!cookies.empty()) headers.add("Cookie", std::move(cookies));
    return headers;
}

/// An API Gateway has decoded the parameters, a load balancer has not.
std::string query_of(const JsonValue& event, bool decoded) {
    std::string query;
    const auto parameters =
        values_of(event, "multiValueQueryStringParameters", "queryStringParameters");
    if (!is_object(parameters)) return query;
    for_each_value(*parameters, [&](const std::string& name, const std::string& value) {
        const auto part = [&](const std::string& text) {
            return decoded ? encoded(text, "") : encoded(text, in_target);
        };
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", part(name), part(value));
    });
    return query;
}

std::string target(std::string_view path, std::string_view query) {
    std::string made = path.starts_with('/') ? "" : "/";
    made += encoded(path, in_target);
    if (!query.empty()) made += '?' + encoded(query, "!$&'()*+,;=:@/%[]|?");
    return made;
}

bool asks_for_body(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

std::variant<WebRequest, NoWebEvent, NotInEvent> read_web_request(const JsonValue& event) {
    const auto context = event.member("requestContext");
    if (!is_object(context)) return NoWebEvent{};
    WebRequest request;
    const auto http = context->member("http");
    if (is_object(http)) {
        request.method = text_at(*http, "method");
        request.target = target(text_at(event, "rawPath"), text_at(event, "rawQueryString"));
    } else {
        const bool balanced = is_object(context->member("elb"));
        request.method = text_at(event, "httpMethod");
        request.target = target(text_at(event, "path"), query_of(event, !balanced));
        request.form = !balanced || is_object(event.member("multiValueHeaders"))
                           ? WebForm::every_value
                           : WebForm::last_value;
    }
    if (!is_token(request.method)) return NoWebEvent{};
    request.headers = headers_of(event);
    auto body = http_body(event);
    if (auto* wrong = std::get_if<NotInEvent>(&body)) return std::move(*wrong);
    auto& bytes = std::get<std::string>(body);
    if (!bytes.empty() || asks_for_body(request.method)) request.body = std::move(bytes);
    return request;
}

}  // namespace forklift::protocol
