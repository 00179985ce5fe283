#pragma once

#include <string>
#include <string_view>
#include <variant>

/// The answer of a streaming function to an HTTP request: a prelude of JSON with status, headers
/// and cookies, eight NULs, and the body
/// (https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html).
namespace forklift::protocol {

/// True for the media type of such an answer.
bool is_integration_type(std::string_view content_type);

/// Why an answer is none, in words.
struct NoIntegrationResponse {
    std::string message;
};

/// The JSON object that says the same to a caller of a buffered function (payload format 2.0).
std::variant<std::string, NoIntegrationResponse> buffered_integration_response(
    std::string_view answer);

}  // namespace forklift::protocol
