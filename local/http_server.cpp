#include "local/http_server.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <stdexcept>
#include <string_view>

#include "local/http_body.h"
#include "protocol/version.h"

namespace forklift::local {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// Lambda's own limit for the request line and the headers together.
constexpr std::uint32_t max_header_bytes = 1024 * 1024;
/// Read in large pieces from the first on: Beast fills the room that its buffer has.
constexpr std::size_t read_bytes = 64 * 1024;

using Parser = http::request_parser<CappedBody>;

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

/// Newer versions of Beast drop trailers unless told to keep them; 1.81 always keeps them.
template <typename AnyParser>
void keep_trailers(AnyParser& parser) {
    if constexpr (requires { parser.merge_all_trailers(true); }) parser.merge_all_trailers(true);
}

HttpRequest take_request(Parser& parser, bool truncated) {
    auto& message = parser.get();
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
        request.headers.add(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = std::move(message.body().bytes);
    request.body_size = message.body().size;
    request.truncated = truncated;
    return request;
}

http::response<SharedBody> make_response(HttpReply reply, unsigned version, bool keep_alive) {
    static const std::string server = fmt::format("forklift/{}", protocol::version);
    http::response<SharedBody> response(static_cast<http::status>(reply.status), version);
    response.set(http::field::server, server);
    for (const auto& [name, value] : reply.headers) response.insert(name, value);
    response.body() = std::move(reply.body);
    response.keep_alive(keep_alive);
    if (reply.status != 204) response.content_length(SharedBody::size(response.body()));
    return response;
}

/// A client with a large body (curl, above 1 MiB) waits for this before it sends the body.
asio::awaitable<void> allow_body(tcp::socket& socket) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(socket, asio::buffer(go_on), no_throw);
}

}  // namespace

struct HttpServer::Connection {
    Connection(HttpServer& its_server, tcp::socket its_socket)
        : server(its_server), socket(std::move(its_socket)) {
        server.connections_.insert(this);
        buffer.reserve(read_bytes);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { server.connections_.erase(this); }

    HttpServer& server;
    tcp::socket socket;
    beast::flat_buffer buffer{max_header_bytes + read_bytes};
};

HttpServer::HttpServer(asio::any_io_executor executor, const std::string& host, std::uint16_t port,
                       std::size_t max_body, Handler handler)
    : executor_(executor), acceptor_(executor), max_body_(max_body), handler_(std::move(handler)) {
    const tcp::endpoint endpoint = endpoint_of(host, port);
    try {
        acceptor_.open(endpoint.protocol());
        close_on_exec(acceptor_.native_handle());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(
            fmt::format("cannot listen at {}:{}: {}", host, port, error.code().message()));
    }
    port_ = acceptor_.local_endpoint().port();
}

void HttpServer::start() {
    asio::co_spawn(executor_, accept_all(shared_from_this()), asio::detached);
}

void HttpServer::stop_accepting() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

void HttpServer::stop() {
    stop_accepting();
    boost::system::error_code ignored;
    for (Connection* connection : connections_) connection->socket.close(ignored);
}

asio::awaitable<void> HttpServer::accept_all(std::shared_ptr<HttpServer> self) {
    while (self->acceptor_.is_open()) {
        auto [error, socket] = co_await self->acceptor_.async_accept(no_throw);
        if (!self->acceptor_.is_open()) break;
        if (error) {
            // Out of descriptors, most likely: a connection that ends gives one back.
            asio::steady_timer pause(self->executor_, std::chrono::milliseconds(20));
            co_await pause.async_wait(no_throw);
            continue;
        }
        close_on_exec(socket.native_handle());
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        asio::co_spawn(self->executor_, serve(self, std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> HttpServer::serve(std::shared_ptr<HttpServer> self, tcp::socket socket) {
    Connection connection(*self, std::move(socket));
    while (co_await self->serve_one(connection)) {
    }
    boost::system::error_code ignored;
    connection.socket.shutdown(tcp::socket::shutdown_both, ignored);
}

/// Answers the next request; returns false when the connection is to end.
asio::awaitable<bool> HttpServer::serve_one(Connection& connection) {
    Parser parser;
    parser.header_limit(max_header_bytes);
    parser.body_limit(boost::none);
    parser.get().body().limit = max_body_;
    keep_trailers(parser);

    auto [header_error, header_bytes] =
        co_await http::async_read_header(connection.socket, connection.buffer, parser, no_throw);
    if (header_error && (!parser.got_some() || header_error == http::error::partial_message)) {
        co_return false;
    }
    if (!header_error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        co_await allow_body(connection.socket);
    }
    bool truncated = false;
    if (!header_error) {
        auto [body_error, body_bytes] =
            co_await http::async_read(connection.socket, connection.buffer, parser, no_throw);
        truncated = static_cast<bool>(body_error);
    }
    const bool keep_alive = !header_error && !truncated && parser.get().keep_alive();
    const unsigned version = header_error ? 11 : parser.get().version();

    ++busy_;
    HttpReply reply;
    if (header_error) {
        reply = json_reply(400,
                           R"({"errorMessage":"Malformed HTTP request","errorType":"BadRequest"})");
    } else {
        HttpRequest request = take_request(parser, truncated);
        reply = co_await handler_(std::move(request));
    }
    auto response = make_response(std::move(reply), version, keep_alive);
    if (parser.get().method() == http::verb::head) response.body().reset();
    auto [write_error, written] = co_await http::async_write(connection.socket, response, no_throw);
    --busy_;
    co_return keep_alive && !write_error;
}

}  // namespace forklift::local
