#include "local/function_url.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "local/api_error.h"
#include "local/identifiers.h"
#include "protocol/function_url_event.h"
#include "protocol/limits.h"

namespace forklift::local {

namespace {

HttpReply bad_request(std::string_view message) {
    return api_error(400, "BadRequestException", message);
}

/// Exactly one, where HTTP/1.1 is spoken (RFC 9112, 3.2): of two, this server and the function
/// might take different ones for the true one.
bool has_right_host(const HttpRequest& request) {
    const auto hosts = std::count_if(
        request.headers.begin(), request.headers.end(),
        [](const auto& field) { return protocol::equal_ignoring_case(field.first, "Host"); });
    return hosts == 1 || (hosts == 0 && request.version == "HTTP/1.0");
}

protocol::ClientRequest client_request(HttpRequest request, const Invocation& invocation,
                                       const Function& function, std::uint16_t server_port) {
    protocol::ClientRequest client;
    client.method = std::move(request.method);
    client.target = std::move(request.target);
    client.protocol = std::move(request.version);
    client.headers = std::move(request.headers);
    client.body = std::move(request.body);
    client.source_ip = std::move(request.peer);
    client.server_port = server_port;
    client.request_id = invocation.request_id;
    client.trace_id = invocation.trace_id;
    client.api_id = function.name;
    client.time = std::chrono::system_clock::now();
    return client;
}

void add_own_headers(HttpReply& reply, const Invocation& invocation) {
    // A function may say these itself: a web server does send a date.
    const auto add = [&reply](const char* name, std::string value) {
        if (!reply.headers.find(name)) reply.headers.add(name, std::move(value));
    };
    add("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
    add("x-amzn-RequestId", invocation.request_id);
    add("X-Amzn-Trace-Id", invocation.trace_id);
}

}  // namespace

std::variant<std::shared_ptr<const Invocation>, HttpReply> read_url_request(
    HttpRequest request, const Function& function, std::uint16_t server_port) {
    if (request.body_size > protocol::max_request_bytes)
        return request_too_large(protocol::max_request_bytes);
    if (request.truncated) return bad_request("The request body broke off before its end");
    if (request.method == "CONNECT")
        return api_error(405, "MethodNotAllowedException", "This server is not a proxy");
    if (!protocol::split_target(request.target))
        return bad_request("The request's target is neither a path nor a URL");
    if (!has_right_host(request)) return bad_request("There must be one Host header");

    auto invocation = std::make_shared<Invocation>();
    invocation->request_id = make_uuid();
    invocation->function_arn = function.arn();
    invocation->trace_id = request.headers.find("X-Amzn-Trace-Id").value_or("");
    if (invocation->trace_id.empty()) invocation->trace_id = make_trace_id();
    auto event = protocol::function_url_event(
        client_request(std::move(request), *invocation, function, server_port));
    // Lambda's limit is one for the event, in which a binary body is a third longer.
    if (event.size() > protocol::max_request_bytes)
        return request_too_large(protocol::max_request_bytes);
    invocation->payload = std::make_shared<const std::string>(std::move(event));
    return invocation;
}

std::variant<HttpReply, protocol::MalformedAnswer> url_reply(const Invocation& invocation,
                                                             const Answer& answer) {
    if (answer.is_error()) return bad_gateway(invocation);
    auto read = protocol::function_url_response(answer.payload);
    if (auto* wrong = std::get_if<protocol::MalformedAnswer>(&read)) return std::move(*wrong);
    auto& response = std::get<protocol::UrlResponse>(read);
    HttpReply reply{response.status, std::move(response.headers),
                    std::make_shared<const std::string>(std::move(response.body))};
    add_own_headers(reply, invocation);
    return reply;
}

HttpReply bad_gateway(const Invocation& invocation) {
    // Not JSON, whatever the type says: so function URLs have it.
    HttpReply reply = json_reply(502, "Internal Server Error");
    add_own_headers(reply, invocation);
    return reply;
}

}  // namespace forklift::local
