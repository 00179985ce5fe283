#include "protocol/web_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/http_field.h"

namespace forklift::protocol {

namespace {

using Kind = JsonValue::Kind;

/// What the head of a request may have; no server takes as much. Each header counts 32 bytes beside
/// its own, as in RFC 7541, 4.1: that is what it costs us, and an event may hold millions of empty
/// ones.
constexpr std::size_t max_head = 1024 * 1024;
constexpr std::size_t field_cost = 32;

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

/// Names under which only Lambda speaks to a server, and those that a client must not set: a
/// length is ours to say, and a CGI program takes Proxy for HTTP_PROXY (httpoxy.org).
constexpr std::array<std::string_view, 6> not_the_clients = {"x-amzn-request-context",
                                                             "x-amzn-lambda-context",
                                                             "x-amz-tenant-id",
                                                             "content-length",
                                                             "expect",
                                                             "proxy"};

/// Headers in which a server believes the platform, which sets or removes what a client sends under
/// the very name, and not under one that a server may take for it.
constexpr std::array<std::string_view, 3> of_the_platform = {"x-forwarded-", "x-amzn-", "x-amz-"};

bool is_for_server(std::string_view name) {
    const std::string collapsed = collapsed_name(name);
    const auto begins = [&](std::string_view prefix) { return collapsed.starts_with(prefix); };
    const bool is_disguised = collapsed != lower_case(name) &&
                              std::any_of(of_the_platform.begin(), of_the_platform.end(), begins);
    return !is_disguised && !begins("lambda-runtime-") && !is_hop_by_hop(collapsed) &&
           std::find(not_the_clients.begin(), not_the_clients.end(), collapsed) ==
               not_the_clients.end();
}

void add_cookie(std::string& cookies, std::string_view more) {
    if (!cookies.empty() && !more.empty()) cookies += "; ";
    cookies += more;
}

/// Returns false when there are more than a head may have.
bool read_headers(const JsonValue& event, WebRequest& request) {
    std::string cookies;
    std::size_t size = 0;
    const auto add = [&](const std::string& name, const std::string& value) {
        size += name.size() + value.size() + field_cost;
        if (size > max_head || !is_for_server(name)) return;
        if (!is_token(name) || !is_field_value(value))
            request.left_out.push_back(name);
        else if (equal_ignoring_case(name, "Cookie"))
            add_cookie(cookies, value);
        else
            request.headers.add(name, value);
    };
    if (const auto fields = values_of(event, "multiValueHeaders", "headers"))
        for_each_value(*fields, add);
    if (const auto list = event.member("cookies")) {
        for (const JsonValue& cookie : list->elements())
            if (const auto text = cookie.string()) add("Cookie", *text);
    }
    if (!cookies.empty()) request.headers.add("Cookie", std::move(cookies));
    return size <= max_head;
}

/// An API Gateway has decoded the parameters, a load balancer has not. What is longer than a head
/// may be is cut.
std::string query_of(const JsonValue& event, bool decoded) {
    std::string query;
    const auto parameters =
        values_of(event, "multiValueQueryStringParameters", "queryStringParameters");
    if (!is_object(parameters)) return query;
    for_each_value(*parameters, [&](const std::string& name, const std::string& value) {
        if (query.size() > max_head) return;
        const auto part = [&](const std::string& text) {
            return decoded ? encoded(text, "") : encoded(text, in_target);
        };
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", part(name), part(value));
    });
    return query;
}

/// What is longer than a head may be stays so, and need not be whole.
std::string target(std::string_view path, std::string_view query) {
    path = path.substr(0, max_head + 1);
    query = query.substr(0, max_head + 1);
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
    if (!is_object(context) || is_authorizer_event(event)) return NoWebEvent{};
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
    if (!read_headers(event, request) || request.target.size() > max_head)
        return NotInEvent{fmt::format(
            "the event stands for a request whose path, query and headers have more than {} bytes",
            max_head)};
    auto body = http_body(event);
    if (auto* wrong = std::get_if<NotInEvent>(&body)) return std::move(*wrong);
    auto& bytes = std::get<std::string>(body);
    if (!bytes.empty() || asks_for_body(request.method)) request.body = std::move(bytes);
    return request;
}

}  // namespace forklift::protocol
