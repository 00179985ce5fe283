#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "local/environment_pool.h"
#include "local/function.h"
#include "local/http_server.h"
#include "local/invoke_api.h"

namespace forklift::local {

/// The Invoke API over HTTP: what the AWS CLI and SDKs call with --endpoint-url.
class InvokeServer {
  public:
    /// Listens from now on; `function` and `pool` must outlive it. Throws std::runtime_error when
    /// the address cannot be had.
    InvokeServer(boost::asio::any_io_executor executor, const std::string& host, std::uint16_t port,
                 const Function& function, EnvironmentPool& pool);

    std::uint16_t port() const { return server_->port(); }

    void start() { server_->start(); }
    void stop_accepting() { server_->stop_accepting(); }

    /// Lets the answers under way out, for up to `limit`, and drops every connection.
    boost::asio::awaitable<void> finish(std::chrono::milliseconds limit);

  private:
    boost::asio::awaitable<HttpReply> handle(HttpRequest request);
    boost::asio::awaitable<HttpReply> call(InvokeCall call);
    HttpReply explain_path(const HttpRequest& request) const;

    const Function& function_;
    EnvironmentPool& pool_;
    std::shared_ptr<HttpServer> server_;
};

}  // namespace forklift::local
