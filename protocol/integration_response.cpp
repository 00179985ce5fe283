#include "protocol/integration_response.h"

#include "protocol/base64.h"
#include "protocol/http_field.h"
#include "protocol/json.h"
#include "protocol/json_value.h"

namespace forklift::protocol {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view end_of_prelude = "\0\0\0\0\0\0\0\0"sv;

std::string_view raw_member(const JsonValue& prelude, std::string_view name,
                            std::string_view otherwise) {
    const auto member = prelude.member(name);
    return member ? member->raw() : otherwise;
}

}  // namespace

bool is_integration_type(std::string_view content_type) {
    return equal_ignoring_case(trimmed(content_type.substr(0, content_type.find(';'))),
                               "application/vnd.awslambda.http-integration-response");
}

std::variant<std::string, NoIntegrationResponse> buffered_integration_response(
    std::string_view answer) {
    const auto end = answer.find(end_of_prelude);
    if (end == answer.npos)
        return NoIntegrationResponse{
            "no eight NULs end the prelude that its content type promises"};
    const auto prelude = JsonValue::parse(answer.substr(0, end));
    if (!prelude || prelude->kind() != JsonValue::Kind::object)
        return NoIntegrationResponse{"its prelude, up to the eight NULs, is no JSON object"};
    const std::string_view body = answer.substr(end + end_of_prelude.size());
    const bool is_text = is_utf8(body);
    JsonObject buffered;
    buffered.raw("statusCode", raw_member(*prelude, "statusCode", "200"))
        .raw("headers", raw_member(*prelude, "headers", "{}"))
        .raw("cookies", raw_member(*prelude, "cookies", "[]"));
    if (is_text)
        buffered.text("body", body);
    else
        buffered.text("body", base64_encode(body));
    return buffered.raw("isBase64Encoded", is_text ? "false" : "true").finish();
}

}  // namespace forklift::protocol
