#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "local/answer.h"
#include "local/api_path.h"
#include "local/function.h"
#include "local/http_message.h"
#include "local/invocation.h"

/// The words of Lambda's Invoke API, read and written
/// (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, API_InvokeAsync.html).
namespace forklift::local {

/// `async` is the elder InvokeAsync, an event that is answered otherwise.
enum class InvocationType { request_response, event, dry_run, async };

/// A request to invoke the function.
struct InvokeCall {
    InvocationType type = InvocationType::request_response;
    std::shared_ptr<const Invocation> invocation;
};

/// Reads a request whose target leads to `path`; what cannot be accepted gets the reply that Lambda
/// gives. A request without a body is the event {}.
std::variant<InvokeCall, HttpReply> read_invoke_call(HttpRequest request, const FunctionPath& path,
                                                     const Function& function);

/// The reply for an answer.
HttpReply invoke_reply(const Invocation& invocation, Answer answer);

/// The reply to a call that has been accepted and is not answered: 202, or 204 for a dry run.
HttpReply accepted_reply(const InvokeCall& call);

/// The client context as functions get it: JSON on one line, from the base64 of JSON. Nothing when
/// it is neither.
std::optional<std::string> decode_client_context(std::string_view base64);

}  // namespace forklift::local
