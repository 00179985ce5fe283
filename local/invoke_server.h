#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "local/environment_pool.h"
#include "local/function.h"
#include "local/http_server.h"
#include "local/invoke_api.h"
#include "local/options.h"
#include "local/request_guard.h"

namespace forklift::local {

/// The function over HTTP: the Invoke API at its path, which the AWS CLI and SDKs call with
/// --endpoint-url, and a function URL for every other request.
class InvokeServer {
  public:
    /// Listens from now on; `function` and `pool` must outlive it. Throws std::runtime_error when
    /// the address cannot be had, UsageError when an option is wrong.
    InvokeServer(boost::asio::any_io_executor executor, const ServeOptions& options,
                 const Function& function, EnvironmentPool& pool);

    std::uint16_t port() const { return server_->port(); }

    void start() { server_->start(); }
    /// No further connection, and no further request on those there are. A request that has begun
    /// to come has until `until` to come whole, and its answer to go out.
    void drain(std::chrono::steady_clock::time_point until);
    /// They have no more time.
    void hurry();

    /// Waits for them, and for at least a moment, since an answer may be on its way; then drops
    /// every connection.
    boost::asio::awaitable<void> finish();

  private:
    boost::asio::awaitable<HttpReply> handle(HttpRequest request);
    boost::asio::awaitable<HttpReply> route(HttpRequest request);
    boost::asio::awaitable<HttpReply> call(InvokeCall call);
    boost::asio::awaitable<HttpReply> answer_url(HttpRequest request);
    HttpReply no_environment() const;

    const Function& function_;
    EnvironmentPool& pool_;
    std::shared_ptr<HttpServer> server_;
    RequestGuard guard_;
    std::chrono::steady_clock::time_point until_;
};

}  // namespace forklift::local
