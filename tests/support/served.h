#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <thread>

#include "local/http_server.h"

namespace forklift::test {

/// A server at work in a thread of its own.
class Served {
  public:
    explicit Served(local::HttpServer::Handler handler,
                    local::HttpLimits limits = {.max_body = 1000, .patience = {}})
        : server_(std::make_shared<local::HttpServer>(loop_.get_executor(), "127.0.0.1", 0, limits,
                                                      std::move(handler))) {
        server_->start();
        thread_ = std::thread([this] { loop_.run(); });
    }
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;
    ~Served() {
        boost::asio::post(loop_, [this] { server_->stop(); });
        thread_.join();
    }

    std::uint16_t port() const { return server_->port(); }

    /// Returns when the loop has done it.
    void drain() {
        std::promise<void> done;
        boost::asio::post(loop_, [&] {
            server_->drain();
            done.set_value();
        });
        done.get_future().wait();
    }

  private:
    boost::asio::io_context loop_;
    std::shared_ptr<local::HttpServer> server_;
    std::thread thread_;
};

}  // namespace forklift::test
