#include "handlers/output.h"

#include <fmt/format.h>

#include "handlers/verdict.h"
#include "protocol/base64.h"
#include "protocol/integration_response.h"
#include "protocol/json.h"
#include "protocol/limits.h"

namespace forklift::handlers {

namespace {

using protocol::Failure;
using protocol::Outcome;
using protocol::Success;

std::string text_to_json(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return protocol::json_string(text);
}

std::string bytes_to_json(std::string_view bytes) {
    return '"' + protocol::base64_encode(bytes) + '"';
}

Failure invalid(std::string_view what, const std::string& output) {
    return {"Function.InvalidOutput",
            fmt::format("the program succeeded, but its output ({} bytes) is not {}", output.size(),
                        what),
            {}};
}

Outcome with_type(std::string body, const Options& options, const char* type) {
    return Success{options.content_type.empty() ? type : options.content_type, std::move(body)};
}

Outcome automatic(std::string output, const Options& options) {
    constexpr const char* type = "application/json";
    if (protocol::is_json(output)) return with_type(std::move(output), options, type);
    if (protocol::is_utf8(output)) return with_type(text_to_json(output), options, type);
    return with_type(bytes_to_json(output), options, type);
}

Outcome in_form(std::string output, const Options& options) {
    switch (options.output) {
        case OutputForm::automatic:
            break;
        case OutputForm::json:
            if (!protocol::is_json(output))
                return invalid("valid JSON, which output=json asks for", output);
            return with_type(std::move(output), options, "application/json");
        case OutputForm::text:
            if (!protocol::is_utf8(output))
                return invalid("UTF-8 text, which output=text asks for", output);
            return with_type(text_to_json(output), options, "application/json");
        case OutputForm::base64:
            return with_type(bytes_to_json(output), options, "application/json");
        case OutputForm::raw:
            return with_type(std::move(output), options, "application/octet-stream");
    }
    return automatic(std::move(output), options);
}

Outcome bounded(Outcome outcome) {
    const auto* success = std::get_if<Success>(&outcome);
    if (!success || success->body.size() <= protocol::max_response_bytes) return outcome;
    return too_large(success->body.size(), protocol::max_response_bytes, {});
}

}  // namespace

Outcome to_response(std::string output, const Options& options) {
    Outcome outcome = in_form(std::move(output), options);
    if (auto* success = std::get_if<Success>(&outcome))
        return to_typed_response(std::move(success->content_type), std::move(success->body));
    return outcome;
}

Outcome to_typed_response(std::string content_type, std::string body) {
    if (!protocol::is_integration_type(content_type))
        return bounded(Success{std::move(content_type), std::move(body)});
    auto buffered = protocol::buffered_integration_response(body);
    if (const auto* wrong = std::get_if<protocol::NoIntegrationResponse>(&buffered)) {
        return Failure{"Function.InvalidOutput",
                       fmt::format("the answer ({} bytes) is no {}: {}", body.size(), content_type,
                                   wrong->message),
                       {}};
    }
    return bounded(Success{"application/json", std::move(std::get<std::string>(buffered))});
}

}  // namespace forklift::handlers
