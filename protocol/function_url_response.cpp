#include "protocol/function_url_response.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "protocol/base64.h"
#include "protocol/http_field.h"
#include "protocol/json_value.h"
#include "protocol/shown_bytes.h"

namespace forklift::protocol {

namespace {

using Kind = JsonValue::Kind;
/// Nothing, or what is wrong.
using Wrong = std::optional<MalformedAnswer>;

constexpr std::string_view set_cookie = "Set-Cookie";

MalformedAnswer malformed(std::string message) { return {std::move(message)}; }

/// The member, unless it is absent or null.
std::optional<JsonValue> present(const JsonValue& answer, std::string_view name) {
    auto member = answer.member(name);
    if (member && member->kind() == Kind::null) member.reset();
    return member;
}

/// "the header X-Name", whose name is a token, but may be a long one.
std::string header_called(const std::string& name) {
    constexpr std::size_t enough = 60;
    return "the header " + (name.size() > enough ? name.substr(0, enough) + "..." : name);
}

/// Of `what`, which is a header or a cookie.
Wrong check_field(std::string_view what, std::string_view name, std::string_view value) {
    if (!is_field_value(value))
        return malformed(fmt::format("{} has a control character in it", what));
    if (const auto size = name.size() + value.size(); size > max_field_bytes)
        return malformed(fmt::format("{} has {} bytes; a header may have {}, its name included",
                                     what, size, max_field_bytes));
    return std::nullopt;
}

MalformedAnswer wrong_kind(std::string_view name, const JsonValue& value, std::string_view right) {
    return malformed(fmt::format("{} is {}; it must be {}", name, in_words(value.kind()), right));
}

Wrong read_status(const JsonValue& value, UrlResponse& response) {
    // An interim status (1xx) would leave the client waiting for another one.
    constexpr std::string_view right = "a whole number from 200 to 599";
    if (value.kind() != Kind::number) return wrong_kind("statusCode", value, right);
    const std::string_view digits = value.raw();
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, response.status);
    if (read.ec != std::errc() || read.ptr != end || response.status < 200 || response.status > 599)
        return malformed(fmt::format("statusCode is not {}", right));
    return std::nullopt;
}

/// Does the field say something about the connection, which is ours?
bool is_ours(std::string_view name) {
    return is_hop_by_hop(name) || equal_ignoring_case(name, "Content-Length");
}

Wrong read_headers(const JsonValue& value, UrlResponse& response) {
    if (value.kind() != Kind::object) return wrong_kind("headers", value, "an object of strings");
    for (const auto& [name, text] : value.members()) {
        if (!is_token(name))
            return malformed(
                fmt::format("there can be no header of the name {}", shown_bytes(name)));
        const auto field = text.string();
        if (!field) return wrong_kind(header_called(name), text, "a string");
        if (auto wrong = check_field(header_called(name), name, *field)) return wrong;
        if (!is_ours(name)) response.headers.add(name, *field);
    }
    return std::nullopt;
}

Wrong read_cookies(const JsonValue& value, UrlResponse& response) {
    if (value.kind() != Kind::array) return wrong_kind("cookies", value, "an array of strings");
    for (const JsonValue& element : value.elements()) {
        const auto cookie = element.string();
        if (!cookie) return wrong_kind("one of the cookies", element, "a string");
        if (auto wrong = check_field("one of the cookies", set_cookie, *cookie)) return wrong;
        response.headers.add(std::string(set_cookie), *cookie);
    }
    return std::nullopt;
}

Wrong read_body(const JsonValue& answer, UrlResponse& response) {
    bool is_encoded = false;
    if (const auto encoded = present(answer, "isBase64Encoded")) {
        if (encoded->kind() != Kind::boolean)
            return wrong_kind("isBase64Encoded", *encoded, "true or false");
        is_encoded = encoded->raw() == "true";
    }
    const auto body = present(answer, "body");
    if (!body) return std::nullopt;
    auto text = body->string();
    if (!text) return wrong_kind("body", *body, "a string");
    if (is_encoded) text = base64_decode(*text);
    if (!text) return malformed("isBase64Encoded is true, but body is not base64");
    response.body = std::move(*text);
    return std::nullopt;
}

Wrong read_parts(const JsonValue& answer, UrlResponse& response) {
    if (auto wrong = read_status(*answer.member("statusCode"), response)) return wrong;
    const auto headers = present(answer, "headers");
    if (auto wrong = headers ? read_headers(*headers, response) : Wrong()) return wrong;
    const auto cookies = present(answer, "cookies");
    if (auto wrong = cookies ? read_cookies(*cookies, response) : Wrong()) return wrong;
    return read_body(answer, response);
}

}  // namespace

std::variant<UrlResponse, MalformedAnswer> function_url_response(std::string_view answer) {
    UrlResponse response;
    const auto json = JsonValue::parse(answer);
    if (!json) return malformed("it is not JSON");
    if (json->kind() == Kind::object && json->member("statusCode")) {
        if (auto wrong = read_parts(*json, response)) return std::move(*wrong);
    } else {
        response.body = answer;
    }
    if (!response.body.empty() && !response.headers.find("Content-Type"))
        response.headers.add("Content-Type", "application/json");
    return response;
}

}  // namespace forklift::protocol
