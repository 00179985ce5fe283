#include "local/http_server.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <thread>

#include "local/event_loop.h"
#include "local/failure_report.h"
#include "local/web_origin.h"
#include "protocol/json.h"

namespace forklift::local {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// How often in all accepting is begun anew when there was no memory for it.
constexpr int max_restarts = 100;

tcp::endpoint endpoint_of(const std::string& host, std::uint16_t port) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error) {
        throw std::runtime_error(fmt::format(
            "cannot listen at \"{}\": it must be an IP address, such as 127.0.0.1 or 0.0.0.0",
            host));
    }
    return {address, port};
}

void close_on_exec(int fd) { ::fcntl(fd, F_SETFD, FD_CLOEXEC); }

HttpReply refusal(const BadRequest& bad) {
    return json_reply(bad.status, protocol::JsonObject()
                                      .text("errorMessage", bad.message)
                                      .text("errorType", "BadRequest")
                                      .finish());
}

HttpReply internal_error() {
    return json_reply(500, protocol::JsonObject()
                               .text("errorMessage", "Internal Server Error")
                               .text("errorType", "InternalServerError")
                               .finish());
}

/// An error of ours, or of a library's: the client learns nothing of it, so the log has to.
void report_end(std::exception_ptr error) {
    if (error) report_failure("an HTTP request could not be served", error);
}

}  // namespace

/// A connection that the server knows of, for as long as it lasts.
struct HttpServer::Member {
    Member(HttpServer& its_server, tcp::socket socket)
        : server(its_server),
          connection(std::move(socket), its_server.limits_, its_server.budget_) {
        server.members_.insert(this);
    }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() { server.members_.erase(this); }

    HttpServer& server;
    HttpConnection connection;
};

HttpServer::HttpServer(asio::any_io_executor executor, const std::string& host, std::uint16_t port,
                       HttpLimits limits, Handler handler)
    : executor_(executor),
      acceptor_(executor),
      limits_(limits),
      budget_(limits.max_bodies),
      handler_(std::move(handler)) {
    const tcp::endpoint endpoint = endpoint_of(host, port);
    try {
        acceptor_.open(endpoint.protocol());
        close_on_exec(acceptor_.native_handle());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen();
        acceptor_.non_blocking(true);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(
            fmt::format("cannot listen at {}:{}: {}", host, port, error.code().message()));
    }
    port_ = acceptor_.local_endpoint().port();
}

bool HttpServer::is_on_loopback() const {
    boost::system::error_code error;
    return is_loopback_host(acceptor_.local_endpoint(error).address().to_string());
}

void HttpServer::start() {
    run_by_itself(executor_, accept_all(shared_from_this()),
                  [self = shared_from_this()](std::exception_ptr failure) {
                      if (!failure || !self->acceptor_.is_open()) return;
                      report_failure("connections could not be accepted", failure);
                      if (++self->restarts_ < max_restarts) self->start();
                  });
}

void HttpServer::stop_accepting() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

void HttpServer::drain() {
    stop_accepting();
    draining_ = true;
    for (Member* member : members_) member->connection.close_when_idle();
}

void HttpServer::stop() {
    stop_accepting();
    draining_ = true;
    for (Member* member : members_) member->connection.close();
}

asio::awaitable<void> HttpServer::accept_all(std::shared_ptr<HttpServer> self) {
    while (self->acceptor_.is_open()) {
        try {
            co_await self->accept_one();
        } catch (...) {
            report_failure("a connection could not be accepted", std::current_exception());
            // Out of memory: there may be none for a timer either.
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
}

asio::awaitable<void> HttpServer::accept_one() {
    // Not async_accept: where it has no memory for the new socket, nobody hears of it any more.
    auto [error] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, no_throw);
    if (!acceptor_.is_open()) co_return;
    tcp::socket socket(executor_);
    if (!error) acceptor_.accept(socket, error);
    if (error == asio::error::would_block) co_return;
    if (error) {
        // Out of descriptors, most likely: a connection that ends gives one back.
        asio::steady_timer pause(executor_, std::chrono::milliseconds(20));
        co_await pause.async_wait(no_throw);
        co_return;
    }
    close_on_exec(socket.native_handle());
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    run_by_itself(executor_, serve(shared_from_this(), std::move(socket)), report_end);
}

asio::awaitable<void> HttpServer::serve(std::shared_ptr<HttpServer> self, tcp::socket socket) {
    Member member(*self, std::move(socket));
    // What was said of keeping the connection may be older than `drain`.
    while (co_await self->serve_one(member.connection) && !self->draining_) {
    }
    co_await member.connection.finish();
}

asio::awaitable<HttpReply> HttpServer::answer(HttpRequest request) {
    try {
        co_return co_await handler_(std::move(request));
    } catch (...) {
        report_end(std::current_exception());
    }
    co_return internal_error();
}

/// Answers the next request; returns false when the connection is to end.
asio::awaitable<bool> HttpServer::serve_one(HttpConnection& connection) {
    auto read = co_await connection.read();
    if (std::holds_alternative<NoRequest>(read)) co_return false;
    HttpReply reply;
    if (const auto* bad = std::get_if<BadRequest>(&read))
        reply = refusal(*bad);
    else
        reply = co_await answer(std::move(std::get<HttpRequest>(read)));
    co_return co_await connection.write(std::move(reply), !draining_);
}

}  // namespace forklift::local
