#include "protocol/worker_message.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "protocol/base64.h"
#include "protocol/header_line.h"
#include "protocol/json.h"
#include "protocol/json_mistake.h"
#include "protocol/json_value.h"
#include "protocol/shown_bytes.h"

namespace forklift::protocol {

namespace {

constexpr std::string_view lambda_headers = "Lambda-Runtime-";
constexpr std::string_view request_id_header = "Lambda-Runtime-Aws-Request-Id";
constexpr std::string_view error_type_header = "Lambda-Runtime-Function-Error-Type";
constexpr std::string_view error_body_header = "Lambda-Runtime-Function-Error-Body";
constexpr std::string_view version_header = "Forklift-Worker-Protocol";

Failure no_json(std::string_view event) {
    const auto mistake = find_json_mistake(event);
    const std::string where = mistake ? fmt::format(" (line {}, column {}: {})", mistake->line,
                                                    mistake->column, mistake->what)
                                      : "";
    return {"Function.InvalidEvent",
            fmt::format("the event ({} bytes) is not JSON{}, and a worker with the framing "
                        "\"lines\" takes nothing else; the framing \"framed\" carries any bytes",
                        event.size(), where),
            {}};
}

std::variant<std::string, Failure> request_line(std::string_view event) {
    if (event.empty()) return "\n";
    if (!is_json(event)) return no_json(event);
    std::string line = minified_json(event);
    line += '\n';
    return line;
}

bool is_for_worker(std::string_view name) {
    return equal_ignoring_case(name.substr(0, lambda_headers.size()), lambda_headers);
}

std::string framed_request(const Invocation& invocation) {
    std::string head;
    const auto add = [&](std::string_view name, std::string_view value) {
        head.append(name).append(": ").append(value).append("\r\n");
    };
    if (!invocation.headers.find(request_id_header)) add(request_id_header, invocation.id);
    for (const auto& [name, value] : invocation.headers) {
        if (is_for_worker(name)) add(name, value);
    }
    add("Content-Length", std::to_string(invocation.payload.size()));
    std::string request;
    request.reserve(head.size() + 2 + invocation.payload.size());
    request.append(head).append("\r\n").append(invocation.payload);
    return request;
}

/// The characters of a member, or its JSON where UTF-8 cannot hold them.
std::optional<std::string> text_member(const JsonValue& object, std::string_view name) {
    const auto value = object.member(name);
    if (!value || value->kind() != JsonValue::Kind::string) return std::nullopt;
    return value->string().value_or(std::string(value->raw()));
}

std::vector<std::string> stack_trace(const JsonValue& document) {
    std::vector<std::string> lines;
    const auto array = document.member("stackTrace");
    if (!array) return lines;
    for (const JsonValue& element : array->elements()) {
        if (auto line = element.string()) lines.push_back(std::move(*line));
    }
    return lines;
}

/// The document's object, or nothing when it is none.
std::optional<JsonValue> parse_object(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == text.npos || text[begin] != '{') return std::nullopt;
    return JsonValue::parse(text);
}

/// The failure of that type whose error document is `body`; of the document's type when `type` is
/// empty. A body that is no JSON object is the message.
Failure failure_from(std::string_view type, std::string body) {
    Failure failure{std::string(type), {}, {}, {}};
    if (const auto document = parse_object(body)) {
        if (type.empty()) failure.type = text_member(*document, "errorType").value_or("");
        failure.message = text_member(*document, "errorMessage").value_or("");
        failure.stack_trace = stack_trace(*document);
        failure.document = std::move(body);
    } else {
        failure.message = std::move(body);
    }
    if (failure.type.empty()) failure.type = "Function.Unknown";
    return failure;
}

/// Spares large answers the reading: only these bytes, or an escape, can name the member.
bool may_be_error(std::string_view body) {
    return body.find("errorMessage") != body.npos || body.find("\\u") != body.npos;
}

WorkerReply understand_line(WorkerMessage&& message) {
    WorkerReply reply;
    reply.too_large = message.too_large;
    reply.size = message.body_size;
    if (may_be_error(message.body)) {
        const auto document = parse_object(message.body);
        if (document && text_member(*document, "errorType") &&
            text_member(*document, "errorMessage")) {
            reply.failure = failure_from("", std::move(message.body));
            return reply;
        }
    }
    reply.body = std::move(message.body);
    return reply;
}

/// What the trailers say of a reply that failed when part of it was written.
std::variant<Failure, NoMeaning> late_failure(std::string_view type, const WorkerMessage& message) {
    const auto encoded = message.trailers.find(error_body_header);
    if (!encoded) {
        return Failure{
            std::string(type),
            fmt::format("the function failed after {} bytes of its answer", message.body_size),
            {},
            {}};
    }
    auto document = base64_decode(*encoded);
    if (!document) {
        return NoMeaning{fmt::format("found {} in the trailer {}, where base64 must stand",
                                     shown_bytes(*encoded), error_body_header)};
    }
    return failure_from(type, std::move(*document));
}

WorkerSaid understand_reply(std::string_view id, WorkerMessage&& message) {
    WorkerReply reply;
    reply.request_id = id;
    reply.content_type = message.headers.find("Content-Type").value_or("");
    reply.too_large = message.too_large;
    reply.size = message.body_size;
    if (const auto type = message.headers.find(error_type_header)) {
        if (!reply.too_large) reply.failure = failure_from(*type, std::move(message.body));
    } else if (const auto late = message.trailers.find(error_type_header)) {
        auto failure = late_failure(*late, message);
        if (auto* wrong = std::get_if<NoMeaning>(&failure)) return std::move(*wrong);
        reply.failure = std::get<Failure>(std::move(failure));
    } else {
        reply.body = std::move(message.body);
    }
    return reply;
}

WorkerSaid understand_version(std::string_view version, const WorkerMessage& message) {
    if (read_length(version) != worker_protocol_version) {
        return NoMeaning{
            fmt::format("found {}: {}, where version {} must stand; this Forklift "
                        "knows no other",
                        version_header, shown_bytes(version), worker_protocol_version)};
    }
    if (message.body_size > 0) {
        return NoMeaning{
            fmt::format("found a body of {} bytes, {}, in the message that the worker "
                        "is ready, where Content-Length: 0 must stand",
                        message.body_size, shown_bytes(message.body))};
    }
    return WorkerReady();
}

std::string names_of(const Headers& headers) {
    std::string names;
    for (const auto& [name, value] : headers) names += (names.empty() ? "" : ", ") + name;
    return shown_bytes(names, 200);
}

WorkerSaid understand_frame(WorkerMessage&& message) {
    const auto id = message.headers.find(request_id_header);
    if (id && !id->empty()) return understand_reply(*id, std::move(message));
    if (const auto type = message.headers.find(error_type_header)) {
        if (message.too_large) message.body = fmt::format("{} bytes", message.body_size);
        return WorkerInitError{failure_from(*type, std::move(message.body))};
    }
    if (const auto version = message.headers.find(version_header))
        return understand_version(*version, message);
    return NoMeaning{
        fmt::format("found a message with the headers {} and a body of {} bytes, {}; "
                    "a reply must repeat {}, and a message before the first reply has "
                    "{} or {}",
                    names_of(message.headers), message.body_size, shown_bytes(message.body),
                    request_id_header, version_header, error_type_header)};
}

}  // namespace

std::string worker_greeting(Framing framing) {
    return fmt::format("{}/{}", framing == Framing::lines ? "lines" : "framed",
                       worker_protocol_version);
}

std::variant<std::string, Failure> worker_request(Framing framing, const Invocation& invocation) {
    if (framing == Framing::lines) return request_line(invocation.payload);
    return framed_request(invocation);
}

WorkerSaid understand(Framing framing, WorkerMessage message) {
    if (framing == Framing::lines) return understand_line(std::move(message));
    return understand_frame(std::move(message));
}

}  // namespace forklift::protocol
