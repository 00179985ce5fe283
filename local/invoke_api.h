#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "local/answer.h"
#include "local/function.h"
#include "local/http_message.h"
#include "local/invocation.h"

/// The words of Lambda's Invoke API, read and written
/// (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
namespace forklift::local {

enum class InvocationType { request_response, event, dry_run };

/// A request to invoke the function.
struct InvokeCall {
    InvocationType type = InvocationType::request_response;
    std::shared_ptr<const Invocation> invocation;
};

/// Where a request path leads to.
struct FunctionPath {
    /// The version or alias asked for, by ?Qualifier= or at the end of the name; may be empty.
    std::string qualifier;
};

/// Reads "/2015-03-31/functions/NAME/invocations", where NAME is a name or an ARN of any function.
/// Nothing when `target` is another path.
std::optional<FunctionPath> parse_function_path(std::string_view target);

/// Reads a request whose path leads to the function; what cannot be accepted gets the reply that
/// Lambda gives.
std::variant<InvokeCall, HttpReply> read_invoke_call(HttpRequest request, const FunctionPath& path,
                                                     const Function& function);

/// The reply for an answer.
HttpReply invoke_reply(const Invocation& invocation, Answer answer);

/// The reply to an event or a dry run that has been accepted: 202 or 204 without a body.
HttpReply accepted_reply(int status, const Invocation& invocation);

/// An error of the API: {"Type","Message"} and x-amzn-ErrorType, from which SDKs make exceptions.
HttpReply api_error(int status, std::string_view exception, std::string_view message);

/// The event is larger than `limit`: RequestTooLargeException.
HttpReply request_too_large(std::size_t limit);

/// No environment is free: TooManyRequestsException.
HttpReply too_many_requests();

/// The client context as functions get it: JSON on one line, from the base64 of JSON. Nothing when
/// it is neither.
std::optional<std::string> decode_client_context(std::string_view base64);

}  // namespace forklift::local
