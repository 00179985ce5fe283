#include "local/api_error.h"

#include <fmt/format.h>

#include "local/identifiers.h"
#include "protocol/json.h"

namespace forklift::local {

namespace {

/// How much of a wrong value is repeated.
constexpr std::size_t max_shown = 256;

HttpReply exception_reply(int status, std::string_view exception, std::string json) {
    HttpReply reply = json_reply(status, std::move(json));
    reply.headers.add("x-amzn-ErrorType", std::string(exception));
    reply.headers.add("x-amzn-RequestId", make_uuid());
    return reply;
}

}  // namespace

HttpReply api_error(int status, std::string_view exception, std::string_view message) {
    return exception_reply(status, exception,
                           protocol::JsonObject()
                               .text("Type", status < 500 ? "User" : "Service")
                               .text("message", message)
                               .finish());
}

HttpReply validation_error(std::string_view parameter, std::string_view value,
                           std::string_view constraint) {
    return api_error(400, "ValidationException",
                     fmt::format("1 validation error detected: Value '{}{}' at '{}' failed to "
                                 "satisfy constraint: {}",
                                 value.substr(0, max_shown), value.size() > max_shown ? "..." : "",
                                 parameter, constraint));
}

HttpReply request_too_large(std::size_t limit) {
    return api_error(413, "RequestTooLargeException",
                     fmt::format("Request must be smaller than {} bytes for the InvokeFunction "
                                 "operation",
                                 limit));
}

HttpReply too_many_requests() {
    return exception_reply(429, "TooManyRequestsException",
                           R"({"Type":"User","message":"Rate Exceeded.",)"
                           R"("Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"})");
}

}  // namespace forklift::local
