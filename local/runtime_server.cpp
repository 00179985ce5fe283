#include "local/runtime_server.h"

#include <fmt/format.h>

#include <string_view>

#include "local/request_guard.h"
#include "protocol/json.h"
#include "protocol/limits.h"

namespace forklift::local {

namespace asio = boost::asio;

namespace {

HttpReply no_such_endpoint(const HttpRequest& request) {
    return json_reply(404, protocol::JsonObject()
                               .text("errorMessage", fmt::format("The Runtime API has no {} {}",
                                                                 request.method, request.target))
                               .text("errorType", "NotFound")
                               .finish());
}

HttpReply pong() {
    return {200, {{"Content-Type", "text/plain"}}, std::make_shared<const std::string>("pong")};
}

/// A runtime calls it as AWS_LAMBDA_RUNTIME_API says; a web page may find the port.
HttpReply not_the_runtime() {
    return json_reply(403, protocol::JsonObject()
                               .text("errorMessage", "The Runtime API is for the runtime alone")
                               .text("errorType", "Forbidden")
                               .finish());
}

asio::awaitable<HttpReply> handle(std::shared_ptr<RuntimeSession> session, HttpRequest request) {
    static const RequestGuard guard(true, {}, {});
    if (guard.refusal(request)) co_return not_the_runtime();
    std::string_view path = request.target;
    path = path.substr(0, path.find('?'));
    const bool is_get = request.method == "GET";
    const bool is_post = request.method == "POST";

    constexpr std::string_view root = "/2018-06-01/";
    if (!path.starts_with(root)) co_return no_such_endpoint(request);
    path.remove_prefix(root.size());
    if (is_get && path == "runtime/invocation/next") co_return co_await session->next();
    if (is_get && path == "ping") co_return pong();
    if (is_post && path == "runtime/init/error") {
        co_return session->post_init_error(std::move(request));
    }
    constexpr std::string_view invocation = "runtime/invocation/";
    const auto slash = path.rfind('/');
    if (!is_post || !path.starts_with(invocation) || slash < invocation.size()) {
        co_return no_such_endpoint(request);
    }
    const std::string id(path.substr(invocation.size(), slash - invocation.size()));
    const std::string verb(path.substr(slash + 1));
    if (verb == "response") co_return session->post_response(id, std::move(request));
    if (verb == "error") co_return session->post_error(id, std::move(request));
    co_return no_such_endpoint(request);
}

}  // namespace

RuntimeServer::RuntimeServer(asio::any_io_executor executor,
                             std::shared_ptr<RuntimeSession> session) {
    server_ = std::make_shared<HttpServer>(
        executor, "127.0.0.1", 0,
        HttpLimits{.max_body = protocol::max_response_bytes, .patience = {}},
        [session](HttpRequest request) { return handle(session, std::move(request)); });
    server_->start();
}

std::string RuntimeServer::address() const { return fmt::format("127.0.0.1:{}", server_->port()); }

}  // namespace forklift::local
