#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "local/http_server.h"
#include "local/runtime_session.h"

namespace forklift::local {

/// The Runtime API of one environment over HTTP, at a loopback port of its own, so that whoever
/// calls belongs to that environment
/// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
class RuntimeServer {
  public:
    /// Listens and accepts from now on. Throws std::runtime_error when no port can be had.
    RuntimeServer(boost::asio::any_io_executor executor, std::shared_ptr<RuntimeSession> session);
    RuntimeServer(const RuntimeServer&) = delete;
    RuntimeServer& operator=(const RuntimeServer&) = delete;
    ~RuntimeServer() { stop(); }

    /// AWS_LAMBDA_RUNTIME_API: "127.0.0.1:41234".
    std::string address() const;

    /// Drops every connection.
    void stop() { server_->stop(); }

  private:
    std::shared_ptr<HttpServer> server_;
};

}  // namespace forklift::local
