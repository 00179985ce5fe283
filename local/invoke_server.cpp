#include "local/invoke_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "local/api_error.h"
#include "local/function_url.h"
#include "local/standard_error.h"
#include "protocol/json.h"
#include "protocol/json_value.h"
#include "protocol/limits.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// What a laptop spares, and ten of the largest requests.
constexpr std::size_t max_bodies = 64 * 1024 * 1024;
/// What the last answers have to go out when there are no environments any more.
constexpr auto last_limit = 500ms;

HttpReply crowded_out() {
    return api_error(503, "ServiceException",
                     fmt::format("The bodies of all requests together would be larger than {} "
                                 "bytes; try again later",
                                 max_bodies));
}

HttpLimits limits_of(const ServeOptions& options) {
    const auto patience =
        std::chrono::milliseconds(static_cast<long>(options.client_timeout_seconds * 1000 + 0.5));
    return {protocol::max_request_bytes, patience, max_bodies};
}

/// The request line as the log has it: what stands in a query may be secret.
std::string line_of(const HttpRequest& request) {
    return fmt::format("{} {}", request.method, request.target.substr(0, request.target.find('?')));
}

/// The client is told nothing of the error, so the log is.
std::string failure_line(const Invocation& invocation, const std::string& line,
                         const Answer& answer) {
    const auto document = protocol::JsonValue::parse(answer.payload);
    const std::string message =
        document ? document->text_of("errorMessage").value_or("") : std::string();
    return fmt::format("forklift: {}: {} failed: {}: {}\n", invocation.request_id, line,
                       answer.error_type, protocol::json_string(message));
}

}  // namespace

InvokeServer::InvokeServer(asio::any_io_executor executor, const ServeOptions& options,
                           const Function& function, EnvironmentPool& pool)
    : function_(function),
      pool_(pool),
      server_(std::make_shared<HttpServer>(
          executor, options.host, options.port, limits_of(options),
          [this](HttpRequest request) { return handle(std::move(request)); })),
      guard_(server_->is_on_loopback(), options.allowed_hosts, options.allowed_origins) {}

asio::awaitable<HttpReply> InvokeServer::handle(HttpRequest request) {
    if (const auto why = guard_.refusal(request)) {
        write_to_stderr(fmt::format("forklift: refused {}: {}\n", line_of(request), *why));
        co_return api_error(403, "AccessDeniedException", *why);
    }
    if (request.crowded_out) co_return crowded_out();
    co_return co_await route(std::move(request));
}

asio::awaitable<HttpReply> InvokeServer::route(HttpRequest request) {
    auto path = read_api_path(request.method, request.target);
    if (std::holds_alternative<OwnPath>(path)) co_return co_await answer_url(std::move(request));
    if (auto* refusal = std::get_if<HttpReply>(&path)) co_return std::move(*refusal);
    if (request.truncated) {
        co_return api_error(400, "InvalidRequestContentException",
                            "The request body broke off before its end");
    }
    auto read = read_invoke_call(std::move(request), std::get<FunctionPath>(path), function_);
    if (auto* refusal = std::get_if<HttpReply>(&read)) co_return std::move(*refusal);
    co_return co_await call(std::move(std::get<InvokeCall>(read)));
}

asio::awaitable<HttpReply> InvokeServer::call(InvokeCall call) {
    if (call.type == InvocationType::dry_run) co_return accepted_reply(call);
    if (call.type != InvocationType::request_response)
        co_return pool_.enqueue(call.invocation) ? accepted_reply(call) : no_environment();
    std::optional<Answer> answer = co_await pool_.invoke(call.invocation);
    co_return answer ? invoke_reply(*call.invocation, std::move(*answer)) : no_environment();
}

asio::awaitable<HttpReply> InvokeServer::answer_url(HttpRequest request) {
    const std::string line = line_of(request);
    auto read = read_url_request(std::move(request), function_, port());
    if (auto* refusal = std::get_if<HttpReply>(&read)) co_return std::move(*refusal);
    const auto invocation = std::get<std::shared_ptr<const Invocation>>(std::move(read));
    const std::optional<Answer> answer = co_await pool_.invoke(invocation);
    if (!answer) co_return no_environment();
    if (answer->is_error()) write_to_stderr(failure_line(*invocation, line, *answer));
    auto reply = url_reply(*invocation, *answer);
    if (const auto* wrong = std::get_if<protocol::MalformedAnswer>(&reply)) {
        write_to_stderr(
            fmt::format("forklift: {}: the function's answer to {} is no HTTP response: {}\n",
                        invocation->request_id, line, wrong->message));
        co_return bad_gateway(*invocation);
    }
    co_return std::get<HttpReply>(std::move(reply));
}

HttpReply InvokeServer::no_environment() const {
    if (!pool_.is_shutting_down()) return too_many_requests();
    return api_error(503, "ServiceException", "Forklift is shutting down");
}

void InvokeServer::drain(std::chrono::steady_clock::time_point until) {
    until_ = until;
    server_->drain();
}

void InvokeServer::hurry() { until_ = std::chrono::steady_clock::now(); }

asio::awaitable<void> InvokeServer::finish() {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    until_ = std::max(until_, std::chrono::steady_clock::now() + last_limit);
    while (server_->connections() > 0 && std::chrono::steady_clock::now() < until_) {
        pause.expires_after(1ms);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    server_->stop();
}

}  // namespace forklift::local
