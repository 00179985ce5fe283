#include "local/invoke_server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "protocol/limits.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

InvokeServer::InvokeServer(asio::any_io_executor executor, const std::string& host,
                           std::uint16_t port, const Function& function, EnvironmentPool& pool)
    : function_(function), pool_(pool) {
    server_ = std::make_shared<HttpServer>(
        executor, host, port, protocol::max_request_bytes,
        [this](HttpRequest request) { return handle(std::move(request)); });
}

asio::awaitable<HttpReply> InvokeServer::handle(HttpRequest request) {
    const auto path = parse_function_path(request.target);
    if (!path) co_return explain_path(request);
    if (request.method != "POST") {
        co_return api_error(405, "MethodNotAllowedException",
                            fmt::format("Events are sent by POST, not {}", request.method));
    }
    if (request.truncated) {
        co_return api_error(400, "InvalidRequestContentException",
                            "The request body broke off before its end");
    }
    auto read = read_invoke_call(std::move(request), *path, function_);
    if (auto* refusal = std::get_if<HttpReply>(&read)) co_return std::move(*refusal);
    co_return co_await call(std::move(std::get<InvokeCall>(read)));
}

asio::awaitable<HttpReply> InvokeServer::call(InvokeCall call) {
    const Invocation& invocation = *call.invocation;
    if (call.type == InvocationType::dry_run) co_return accepted_reply(204, invocation);
    if (call.type == InvocationType::event) {
        co_return pool_.enqueue(call.invocation) ? accepted_reply(202, invocation)
                                                 : too_many_requests();
    }
    std::optional<Answer> answer = co_await pool_.invoke(call.invocation);
    if (answer) co_return invoke_reply(invocation, std::move(*answer));
    if (pool_.is_shutting_down()) {
        co_return api_error(503, "ServiceException", "Forklift is shutting down");
    }
    co_return too_many_requests();
}

/// The reply to a path that is not the Invoke API's.
HttpReply InvokeServer::explain_path(const HttpRequest& request) const {
    const std::string right = fmt::format("/2015-03-31/functions/{}/invocations", function_.name);
    if (request.target == "/" && (request.method == "GET" || request.method == "HEAD")) {
        return {200,
                {{"Content-Type", "text/plain"}},
                std::make_shared<const std::string>(fmt::format(
                    "Forklift serves {}: POST events to {}\n", function_.handler, right))};
    }
    return api_error(404, "ResourceNotFoundException",
                     fmt::format("There is nothing at {} {}; events are sent by POST to {}",
                                 request.method, request.target, right));
}

asio::awaitable<void> InvokeServer::finish(std::chrono::milliseconds limit) {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    const auto until = std::chrono::steady_clock::now() + limit;
    while (server_->busy() > 0 && std::chrono::steady_clock::now() < until) {
        pause.expires_after(1ms);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    server_->stop();
}

}  // namespace forklift::local
