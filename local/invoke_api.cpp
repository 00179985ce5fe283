#include "local/invoke_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "local/api_error.h"
#include "local/function_name.h"
#include "local/identifiers.h"
#include "protocol/base64.h"
#include "protocol/function_url_event.h"
#include "protocol/json.h"
#include "protocol/json_value.h"
#include "protocol/limits.h"
#include "protocol/percent.h"

namespace forklift::local {

namespace {

/// "Qualifier" of API_Invoke.
constexpr std::size_t max_qualifier = 128;

std::string qualifier_of_query(std::string_view query) {
    constexpr std::string_view name = "Qualifier=";
    while (!query.empty()) {
        const std::string_view field = query.substr(0, query.find('&'));
        if (field.starts_with(name)) return protocol::percent_decode(field.substr(name.size()));
        query.remove_prefix(std::min(field.size() + 1, query.size()));
    }
    return {};
}

/// The version or alias that is asked for, behind the name or in the query.
std::variant<std::string, HttpReply> read_qualifier(const HttpRequest& request,
                                                    const FunctionPath& path) {
    const auto parts = protocol::split_target(request.target);
    std::string asked = qualifier_of_query(parts ? parts->query : std::string_view());
    if (asked.size() > max_qualifier)
        return validation_error("qualifier", asked,
                                "Member must have length less than or equal to 128");
    if (!is_qualifier(asked)) {
        return validation_error("qualifier", asked,
                                "Member must satisfy regular expression pattern: "
                                "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+");
    }
    if (asked.empty()) return path.function.qualifier;
    if (!path.function.qualifier.empty() && path.function.qualifier != asked) {
        return api_error(400, "InvalidParameterValueException",
                         "The derived qualifier from the function name does not match the "
                         "specified qualifier.");
    }
    return asked;
}

std::string_view header(const HttpRequest& request, std::string_view name) {
    return request.headers.find(name).value_or(std::string_view());
}

HttpReply invalid_parameter(std::string_view name, std::string_view value, std::string_view right) {
    return api_error(
        400, "InvalidParameterValueException",
        fmt::format("{} \"{}\" is not valid; it should be one of {}", name, value, right));
}

std::variant<InvocationType, HttpReply> read_type(const HttpRequest& request,
                                                  const FunctionPath& path) {
    if (path.is_invoke_async) return InvocationType::async;
    const auto name = header(request, "X-Amz-Invocation-Type");
    if (name.empty() || name == "RequestResponse") return InvocationType::request_response;
    if (name == "Event") return InvocationType::event;
    if (name == "DryRun") return InvocationType::dry_run;
    return invalid_parameter("X-Amz-Invocation-Type", name, "RequestResponse, Event, DryRun");
}

std::variant<std::string, HttpReply> read_client_context(const HttpRequest& request) {
    const auto context = header(request, "X-Amz-Client-Context");
    if (context.empty()) return std::string();
    if (context.size() > protocol::max_client_context_bytes) {
        return api_error(400, "InvalidRequestContentException",
                         fmt::format("Client context must have at most {} bytes of base64.",
                                     protocol::max_client_context_bytes));
    }
    auto decoded = decode_client_context(context);
    if (decoded) return std::move(*decoded);
    return api_error(400, "InvalidRequestContentException",
                     "Client context must be a valid Base64-encoded JSON object.");
}

bool is_queued(InvocationType type) {
    return type == InvocationType::event || type == InvocationType::async;
}

HttpReply begin_reply(int status, const Invocation& invocation) {
    return {status,
            {{"x-amzn-RequestId", invocation.request_id},
             {"X-Amzn-Trace-Id", invocation.trace_id},
             {"X-Amz-Executed-Version", invocation.version}},
            nullptr};
}

}  // namespace

std::optional<std::string> decode_client_context(std::string_view base64) {
    auto json = protocol::base64_decode(base64);
    if (!json) return std::nullopt;
    const auto value = protocol::JsonValue::parse(*json);
    if (!value || value->kind() != protocol::JsonValue::Kind::object) return std::nullopt;
    // A header is one line. Inside strings JSON allows no line ends, so that these mean nothing.
    std::replace_if(
        json->begin(), json->end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return json;
}

std::variant<InvokeCall, HttpReply> read_invoke_call(HttpRequest request, const FunctionPath& path,
                                                     const Function& function) {
    auto qualifier = read_qualifier(request, path);
    if (auto* refusal = std::get_if<HttpReply>(&qualifier)) return std::move(*refusal);
    auto type = read_type(request, path);
    if (auto* refusal = std::get_if<HttpReply>(&type)) return std::move(*refusal);
    InvokeCall call{std::get<InvocationType>(type), nullptr};
    const auto log_type = header(request, "X-Amz-Log-Type");
    if (!log_type.empty() && log_type != "None" && log_type != "Tail")
        return invalid_parameter("X-Amz-Log-Type", log_type, "None, Tail");
    const std::size_t limit =
        is_queued(call.type) ? protocol::max_async_request_bytes : protocol::max_request_bytes;
    if (request.body_size > limit) return request_too_large(limit);
    auto context = read_client_context(request);
    if (auto* refusal = std::get_if<HttpReply>(&context)) return std::move(*refusal);

    auto invocation = std::make_shared<Invocation>();
    invocation->request_id = make_uuid();
    invocation->function_arn = function.arn(std::get<std::string>(qualifier));
    invocation->version = version_of(std::get<std::string>(qualifier));
    invocation->trace_id = header(request, "X-Amzn-Trace-Id");
    if (invocation->trace_id.empty()) invocation->trace_id = make_trace_id();
    invocation->client_context = std::move(std::get<std::string>(context));
    // On Lambda a Cognito identity comes with the caller's signature. Here the caller names it, in
    // the header in which the function will see it.
    invocation->cognito_identity = header(request, "Lambda-Runtime-Cognito-Identity");
    invocation->tenant_id = header(request, "X-Amz-Tenant-Id");
    invocation->wants_log = log_type == "Tail" && call.type == InvocationType::request_response;
    if (request.body.empty()) request.body = "{}";
    invocation->payload = std::make_shared<const std::string>(std::move(request.body));
    call.invocation = std::move(invocation);
    return call;
}

HttpReply accepted_reply(const InvokeCall& call) {
    HttpReply reply =
        begin_reply(call.type == InvocationType::dry_run ? 204 : 202, *call.invocation);
    if (call.type != InvocationType::async) return reply;
    reply.headers.add("Content-Type", "application/json");
    reply.body = std::make_shared<const std::string>(R"({"Status":202})");
    return reply;
}

HttpReply invoke_reply(const Invocation& invocation, Answer answer) {
    HttpReply reply = begin_reply(200, invocation);
    reply.headers.add("Content-Type", std::move(answer.content_type));
    if (answer.is_error()) reply.headers.add("X-Amz-Function-Error", "Unhandled");
    if (invocation.wants_log) {
        reply.headers.add("X-Amz-Log-Result", protocol::base64_encode(answer.log_tail));
    }
    reply.body = std::make_shared<const std::string>(std::move(answer.payload));
    return reply;
}

}  // namespace forklift::local
