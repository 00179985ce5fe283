#include "local/invoke_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "local/identifiers.h"
#include "protocol/base64.h"
#include "protocol/json.h"
#include "protocol/limits.h"
#include "protocol/percent.h"

namespace forklift::local {

namespace {

/// The qualifier in "NAME:QUALIFIER", "ACCOUNT:function:NAME:QUALIFIER" or a whole ARN.
std::string qualifier_of_name(std::string_view name) {
    constexpr std::string_view kind = "function:";
    if (const auto at = name.find(kind); at != name.npos) name.remove_prefix(at + kind.size());
    const auto colon = name.find(':');
    return colon == name.npos ? std::string() : std::string(name.substr(colon + 1));
}

std::string qualifier_of_query(std::string_view query) {
    constexpr std::string_view name = "Qualifier=";
    while (!query.empty()) {
        const std::string_view field = query.substr(0, query.find('&'));
        if (field.starts_with(name)) return protocol::percent_decode(field.substr(name.size()));
        query.remove_prefix(std::min(field.size() + 1, query.size()));
    }
    return {};
}

/// Anything else could end the line of the header in which the function's ARN goes to the runtime.
bool is_qualifier(std::string_view text) {
    return text.size() <= 128 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) || c == '$' || c == '-' || c == '_' || c == '.';
           });
}

std::string_view header(const HttpRequest& request, std::string_view name) {
    return request.headers.find(name).value_or(std::string_view());
}

std::optional<InvocationType> type_of(std::string_view name) {
    if (name.empty() || name == "RequestResponse") return InvocationType::request_response;
    if (name == "Event") return InvocationType::event;
    if (name == "DryRun") return InvocationType::dry_run;
    return std::nullopt;
}

HttpReply invalid_parameter(std::string_view name, std::string_view value, std::string_view right) {
    return api_error(
        400, "InvalidParameterValueException",
        fmt::format("{} \"{}\" is not valid; it should be one of {}", name, value, right));
}

}  // namespace

std::optional<FunctionPath> parse_function_path(std::string_view target) {
    constexpr std::string_view before = "/2015-03-31/functions/";
    constexpr std::string_view after = "/invocations";
    const auto query_at = std::min(target.find('?'), target.size());
    std::string_view path = target.substr(0, query_at);
    const std::string_view query = target.substr(std::min(query_at + 1, target.size()));
    if (path.ends_with('/')) path.remove_suffix(1);
    if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
    if (path.size() <= before.size() + after.size()) return std::nullopt;
    path.remove_prefix(before.size());
    path.remove_suffix(after.size());
    if (path.find('/') != path.npos) return std::nullopt;
    std::string qualifier = qualifier_of_query(query);
    if (qualifier.empty()) qualifier = qualifier_of_name(protocol::percent_decode(path));
    return FunctionPath{std::move(qualifier)};
}

std::optional<std::string> decode_client_context(std::string_view base64) {
    auto json = protocol::base64_decode(base64);
    if (!json || !protocol::string_members(*json)) return std::nullopt;
    // A header is one line. Inside strings JSON allows no line ends, so that these mean nothing.
    std::replace_if(
        json->begin(), json->end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return json;
}

std::variant<InvokeCall, HttpReply> read_invoke_call(HttpRequest request, const FunctionPath& path,
                                                     const Function& function) {
    if (!is_qualifier(path.qualifier)) {
        return api_error(400, "InvalidParameterValueException",
                         "The qualifier is not valid; a version or an alias has at most 128 "
                         "letters, digits, $, -, _ and .");
    }
    const auto type_name = header(request, "X-Amz-Invocation-Type");
    const auto type = type_of(type_name);
    if (!type) {
        return invalid_parameter("X-Amz-Invocation-Type", type_name,
                                 "RequestResponse, Event, DryRun");
    }
    const auto log_type = header(request, "X-Amz-Log-Type");
    if (!log_type.empty() && log_type != "None" && log_type != "Tail") {
        return invalid_parameter("X-Amz-Log-Type", log_type, "None, Tail");
    }
    const std::size_t limit = type == InvocationType::event ? protocol::max_async_request_bytes
                                                            : protocol::max_request_bytes;
    if (request.body_size > limit) return request_too_large(limit);

    auto invocation = std::make_shared<Invocation>();
    if (const auto context = header(request, "X-Amz-Client-Context"); !context.empty()) {
        if (context.size() > protocol::max_client_context_bytes) {
            return api_error(400, "InvalidRequestContentException",
                             fmt::format("Client context must have at most {} bytes of base64.",
                                         protocol::max_client_context_bytes));
        }
        auto decoded = decode_client_context(context);
        if (!decoded) {
            return api_error(400, "InvalidRequestContentException",
                             "Client context must be a valid Base64-encoded JSON object.");
        }
        invocation->client_context = std::move(*decoded);
    }
    invocation->request_id = make_uuid();
    invocation->function_arn = function.arn(path.qualifier);
    invocation->trace_id = header(request, "X-Amzn-Trace-Id");
    if (invocation->trace_id.empty()) invocation->trace_id = make_trace_id();
    // On Lambda a Cognito identity comes with the caller's signature. Here the caller names it, in
    // the header in which the function will see it.
    invocation->cognito_identity = header(request, "Lambda-Runtime-Cognito-Identity");
    invocation->tenant_id = header(request, "X-Amz-Tenant-Id");
    invocation->wants_log = log_type == "Tail" && type == InvocationType::request_response;
    invocation->payload = std::make_shared<const std::string>(std::move(request.body));
    return InvokeCall{*type, std::move(invocation)};
}

HttpReply accepted_reply(int status, const Invocation& invocation) {
    return {status,
            {{"x-amzn-RequestId", invocation.request_id},
             {"X-Amzn-Trace-Id", invocation.trace_id},
             {"X-Amz-Executed-Version", "$LATEST"}},
            nullptr};
}

HttpReply invoke_reply(const Invocation& invocation, Answer answer) {
    HttpReply reply = accepted_reply(200, invocation);
    reply.headers.add("Content-Type", std::move(answer.content_type));
    if (answer.is_error()) reply.headers.add("X-Amz-Function-Error", "Unhandled");
    if (invocation.wants_log) {
        reply.headers.add("X-Amz-Log-Result", protocol::base64_encode(answer.log_tail));
    }
    reply.body = std::make_shared<const std::string>(std::move(answer.payload));
    return reply;
}

HttpReply api_error(int status, std::string_view exception, std::string_view message) {
    HttpReply reply = json_reply(status, protocol::JsonObject()
                                             .text("Type", status < 500 ? "User" : "Service")
                                             .text("message", message)
                                             .finish());
    reply.headers.add("x-amzn-ErrorType", std::string(exception));
    reply.headers.add("x-amzn-RequestId", make_uuid());
    return reply;
}

HttpReply request_too_large(std::size_t limit) {
    return api_error(413, "RequestTooLargeException",
                     fmt::format("Request must be smaller than {} bytes for the InvokeFunction "
                                 "operation",
                                 limit));
}

HttpReply too_many_requests() {
    HttpReply reply =
        json_reply(429, R"({"Type":"User","message":"Rate Exceeded.",)"
                        R"("Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"})");
    reply.headers.add("x-amzn-ErrorType", "TooManyRequestsException");
    reply.headers.add("x-amzn-RequestId", make_uuid());
    return reply;
}

}  // namespace forklift::local
