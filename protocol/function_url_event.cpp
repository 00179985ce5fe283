#include "protocol/function_url_event.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>
#include <vector>

#include "protocol/base64.h"
#include "protocol/http_field.h"
#include "protocol/json.h"
#include "protocol/percent.h"

namespace forklift::protocol {

namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

/// Calls `take` for each piece of `text` between the separators, empty ones included.
template <typename Take>
void for_each_piece(std::string_view text, char separator, Take take) {
    for (;;) {
        const auto end = std::min(text.find(separator), text.size());
        take(text.substr(0, end));
        if (end == text.size()) return;
        text.remove_prefix(end + 1);
    }
}

void add_joined(Texts& texts, std::string name, std::string_view value) {
    const auto [known, is_new] = texts.try_emplace(std::move(name), value);
    if (!is_new) known->second.append(",").append(value);
}

Texts parameters_of(std::string_view query) {
    Texts parameters;
    for_each_piece(query, '&', [&](std::string_view piece) {
        if (piece.empty()) return;
        const auto equals = std::min(piece.find('='), piece.size());
        const auto value = piece.substr(std::min(equals + 1, piece.size()));
        add_joined(parameters, query_decode(piece.substr(0, equals)), query_decode(value));
    });
    return parameters;
}

struct Fields {
    Texts headers;
    std::vector<std::string> cookies;
};

Fields fields_of(const ClientRequest& request) {
    Fields fields;
    for (const auto& [name, value] : request.headers) {
        if (is_hop_by_hop(name) || equal_ignoring_case(name, "Expect")) continue;
        if (equal_ignoring_case(name, "Cookie")) {
            for_each_piece(value, ';', [&](std::string_view cookie) {
                if (const auto text = trimmed(cookie); !text.empty())
                    fields.cookies.emplace_back(text);
            });
        } else {
            add_joined(fields.headers, lower_case(name), value);
        }
    }
    // A chunked body had no length until now.
    if (!request.body.empty())
        fields.headers["content-length"] = std::to_string(request.body.size());
    if (!request.source_ip.empty())
        add_joined(fields.headers, "x-forwarded-for", request.source_ip);
    fields.headers.try_emplace("x-forwarded-port", std::to_string(request.server_port));
    fields.headers.try_emplace("x-forwarded-proto", "http");
    fields.headers["x-amzn-trace-id"] = request.trace_id;
    return fields;
}

std::string object_of(const Texts& texts) {
    JsonObject object;
    for (const auto& [name, value] : texts) object.text(name, value);
    return object.finish();
}

std::string text_or_empty(const Texts& texts, std::string_view name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::string() : found->second;
}

/// "host" of "host:8080" and of "host", "::1" of "[::1]:8080".
std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
    return host.substr(0, host.find(':'));
}

bool is_address(std::string_view host) {
    return host.find(':') != host.npos || host.find_first_not_of("0123456789.") == host.npos;
}

std::string context_of(const ClientRequest& request, const Texts& headers, std::string_view path) {
    const std::string host = text_or_empty(headers, "host");
    const std::string_view domain = without_port(host);
    JsonObject http;
    http.text("method", request.method)
        .text("path", path)
        .text("protocol", request.protocol)
        .text("sourceIp", request.source_ip)
        .text("userAgent", text_or_empty(headers, "user-agent"));
    using namespace std::chrono;
    const auto time = fmt::gmtime(system_clock::to_time_t(request.time));
    const auto epoch = duration_cast<milliseconds>(request.time.time_since_epoch()).count();
    return JsonObject()
        .text("accountId", "anonymous")
        .text("apiId", request.api_id)
        .text("domainName", domain)
        .text("domainPrefix", is_address(domain) ? domain : domain.substr(0, domain.find('.')))
        .raw("http", http.finish())
        .text("requestId", request.request_id)
        .text("routeKey", "$default")
        .text("stage", "$default")
        .text("time", fmt::format("{:%d/%b/%Y:%H:%M:%S} +0000", time))
        .raw("timeEpoch", std::to_string(epoch))
        .finish();
}

/// The types that Lambda hands on as text; everything else, forms included, is base64.
bool is_text_type(std::string_view content_type) {
    const std::string type = lower_case(trimmed(content_type.substr(0, content_type.find(';'))));
    return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
           type == "application/javascript" || type.ends_with("+json") || type.ends_with("+xml");
}

void add_body(JsonObject& event, const ClientRequest& request, const Texts& headers) {
    const bool is_text = is_text_type(text_or_empty(headers, "content-type")) &&
                         !headers.contains("content-encoding") && is_utf8(request.body);
    const bool is_encoded = !request.body.empty() && !is_text;
    if (is_encoded)
        event.text("body", base64_encode(request.body));
    else if (!request.body.empty())
        event.text("body", request.body);
    event.raw("isBase64Encoded", is_encoded ? "true" : "false");
}

}  // namespace

std::optional<TargetParts> split_target(std::string_view target) {
    if (target == "*") return TargetParts{"/", {}};
    if (!target.starts_with('/')) {
        const auto scheme_end = target.find("://");
        if (scheme_end == target.npos || scheme_end == 0) return std::nullopt;
        const auto path_at = target.find_first_of("/?", scheme_end + 3);
        target.remove_prefix(std::min(path_at, target.size()));
    }
    const auto question = std::min(target.find('?'), target.size());
    TargetParts parts{target.substr(0, question),
                      target.substr(std::min(question + 1, target.size()))};
    if (parts.path.empty()) parts.path = "/";
    return parts;
}

std::string function_url_event(const ClientRequest& request) {
    const TargetParts parts = split_target(request.target).value();
    const Fields fields = fields_of(request);
    JsonObject event;
    event.text("version", "2.0")
        .text("routeKey", "$default")
        .text("rawPath", parts.path)
        .text("rawQueryString", parts.query);
    if (!fields.cookies.empty()) event.texts("cookies", fields.cookies);
    event.raw("headers", object_of(fields.headers));
    if (const Texts parameters = parameters_of(parts.query); !parameters.empty())
        event.raw("queryStringParameters", object_of(parameters));
    event.raw("requestContext", context_of(request, fields.headers, parts.path));
    add_body(event, request, fields.headers);
    return event.finish();
}

}  // namespace forklift::protocol
