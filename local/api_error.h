#pragma once

#include <cstddef>
#include <string_view>

#include "local/http_message.h"

/// Errors in the form of Lambda's API, from which SDKs make exceptions.
namespace forklift::local {

/// {"Type","message"}, and the exception's name in x-amzn-ErrorType.
HttpReply api_error(int status, std::string_view exception, std::string_view message);

/// A parameter is not what the API takes: ValidationException. `constraint` is in the API's words:
/// "Member must have length greater than or equal to 1".
HttpReply validation_error(std::string_view parameter, std::string_view value,
                           std::string_view constraint);

/// The event is larger than `limit`: RequestTooLargeException.
HttpReply request_too_large(std::size_t limit);

/// No environment is free: TooManyRequestsException.
HttpReply too_many_requests();

}  // namespace forklift::local
