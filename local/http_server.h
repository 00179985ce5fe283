#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "local/http_connection.h"
#include "local/http_message.h"

namespace forklift::local {

/// An HTTP/1.1 server in the event loop, one coroutine a connection. An exception ends no more than
/// the request or the connection that it came up in, and is told on stderr.
class HttpServer : public std::enable_shared_from_this<HttpServer> {
  public:
    using Handler = std::function<boost::asio::awaitable<HttpReply>(HttpRequest)>;

    /// Listens at `host` (an IP address or "localhost") and `port`, 0 for any free one. Throws
    /// std::runtime_error that names the address when it cannot be had.
    HttpServer(boost::asio::any_io_executor executor, const std::string& host, std::uint16_t port,
               HttpLimits limits, Handler handler);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer() = default;

    std::uint16_t port() const { return port_; }
    /// Nobody but this machine can reach it.
    bool is_on_loopback() const;

    /// Begins to accept. The server keeps itself alive until `stop`.
    void start();
    void stop_accepting();
    /// Stops accepting and ends every connection, those that carry a request, or the beginning of
    /// one, after its answer.
    void drain();
    /// Stops accepting and drops every connection.
    void stop();

    /// How many connections are open.
    std::size_t connections() const { return members_.size(); }

  private:
    struct Member;

    static boost::asio::awaitable<void> accept_all(std::shared_ptr<HttpServer> self);
    boost::asio::awaitable<void> accept_one();
    static boost::asio::awaitable<void> serve(std::shared_ptr<HttpServer> self,
                                              boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<bool> serve_one(HttpConnection& connection);
    /// The handler's reply; 500 when it throws, and a line on stderr.
    boost::asio::awaitable<HttpReply> answer(HttpRequest request);

    boost::asio::any_io_executor executor_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    HttpLimits limits_;
    BodyBudget budget_;
    Handler handler_;
    std::set<Member*> members_;
    bool draining_ = false;
    int restarts_ = 0;
};

}  // namespace forklift::local
