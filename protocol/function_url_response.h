#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "protocol/headers.h"

/// From a function's answer to the HTTP response of a Lambda function URL (payload format 2.0).
/// web_answer.h goes the other way.
namespace forklift::protocol {

/// What the client gets. Fields of the connection and Content-Length are not among the headers.
struct UrlResponse {
    int status = 200;
    Headers headers;
    std::string body;
};

/// Why an answer is no response, in words that hold nothing of the answer's content.
struct MalformedAnswer {
    std::string message;
};

/// The response that `answer` asks for when it is a JSON object with a statusCode; its headers,
/// cookies, body and isBase64Encoded may be absent or null. Any other JSON is the body of a 200.
/// Where the answer names no Content-Type for a body, it is application/json.
std::variant<UrlResponse, MalformedAnswer> function_url_response(std::string_view answer);

}  // namespace forklift::protocol
