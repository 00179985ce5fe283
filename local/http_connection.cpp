#include "local/http_connection.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <string_view>

#include "local/http_request_reader.h"
#include "local/shared_body.h"
#include "protocol/version.h"

namespace forklift::local {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// Read in large pieces from the first on: Beast fills the room that its buffer has. The trailers
/// must fit in, which no other limit holds for.
constexpr std::size_t read_bytes = 64 * 1024;
/// How long, and how much, a client may go on sending what nobody reads.
constexpr auto unread_limit = 2s;
constexpr std::size_t max_unread = 16 * 1024 * 1024;

std::variant<HttpRequest, BadRequest, NoRequest> explain(const HttpRequestReader& reader,
                                                         const beast::error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return BadRequest{431, "The request line and the headers are larger than 60 KiB"};
    const bool is_ours = error.category() == make_error_code(http::error::bad_method).category();
    if (!is_ours || !reader.got_some() || error == http::error::partial_message) return NoRequest{};
    return BadRequest{400, "Malformed HTTP request"};
}

/// A 304 has the length of what it does not send, and a HEAD's answer may: only the function knows.
bool tells_length(int status, bool is_head, const HttpReply& reply) {
    if (status == 204 || status == 304) return false;
    return !is_head || (reply.body && !reply.body->empty());
}

http::response<SharedBody> make_response(HttpReply reply, unsigned version, bool is_head,
                                         bool keep_alive) {
    static const std::string server = fmt::format("forklift/{}", protocol::version);
    http::response<SharedBody> response;
    response.version(version);
    response.result(static_cast<unsigned>(reply.status));
    if (!reply.headers.find("Server")) response.set(http::field::server, server);
    for (const auto& [name, value] : reply.headers) response.insert(name, value);
    response.keep_alive(keep_alive);
    if (tells_length(reply.status, is_head, reply))
        response.content_length(SharedBody::size(reply.body));
    if (!is_head && reply.status != 204 && reply.status != 304)
        response.body() = std::move(reply.body);
    return response;
}

std::string address_of(const tcp::socket& socket) {
    boost::system::error_code error;
    const auto address = socket.remote_endpoint(error).address();
    if (error) return {};
    // A socket that takes both sees IPv4 so.
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

}  // namespace

HttpConnection::HttpConnection(tcp::socket socket, const HttpLimits& limits, BodyBudget& budget)
    : limits_(limits),
      share_(budget),
      stream_(std::move(socket)),
      buffer_(read_bytes),
      peer_(address_of(stream_.socket())) {
    buffer_.reserve(read_bytes);
}

void HttpConnection::allow_time() {
    if (limits_.patience) stream_.expires_after(*limits_.patience);
}

/// A client with a large body (curl, above 1 MiB) waits for this before it sends the body.
asio::awaitable<void> HttpConnection::allow_body() {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    allow_time();
    co_await asio::async_write(stream_, asio::buffer(go_on), no_throw);
}

/// Waits for the first bytes of the next request; returns false when there will be none.
asio::awaitable<bool> HttpConnection::begins() {
    if (buffer_.size() > 0) co_return true;
    is_idle_ = true;
    const auto [error, count] =
        co_await stream_.async_read_some(buffer_.prepare(read_bytes), no_throw);
    is_idle_ = false;
    buffer_.commit(count);
    co_return count > 0;
}

asio::awaitable<std::variant<HttpRequest, BadRequest, NoRequest>> HttpConnection::read() {
    share_.give_back();
    HttpRequestReader reader(limits_.max_body, share_);
    HttpRequest& request = reader.request();
    allow_time();
    if (!co_await begins()) co_return NoRequest{};
    auto [error, header_bytes] =
        co_await http::async_read_header(stream_, buffer_, reader, no_throw);
    may_go_on_ = false;
    has_unread_ = static_cast<bool>(error);
    version_ = !error && request.version == "HTTP/1.0" ? 10 : 11;
    is_head_ = !error && request.method == "HEAD";
    if (error) co_return explain(reader, error);

    request.peer = peer_;
    const bool keeps_alive = reader.keep_alive();
    // Nobody knows where such a body ends (RFC 9112, 6.3); Beast takes it for none.
    if (request.headers.find("Transfer-Encoding") && !reader.chunked()) {
        has_unread_ = true;
        co_return BadRequest{400, "The body's last Transfer-Encoding must be chunked"};
    }
    const auto expected = request.headers.find("Expect").value_or("");
    const bool waits = protocol::equal_ignoring_case(expected, "100-continue");
    const auto announced = reader.content_length().value_or(0);
    request.crowded_out = !reader.has_room();
    if (request.crowded_out || (waits && announced > limits_.max_body)) {
        request.body_size = announced;
        has_unread_ = true;
        co_return std::move(request);
    }
    if (waits && !reader.is_done()) co_await allow_body();
    while (!error && !reader.is_done()) {
        allow_time();
        std::tie(error, header_bytes) =
            co_await http::async_read_some(stream_, buffer_, reader, no_throw);
    }
    has_unread_ = static_cast<bool>(error);
    if (error == http::error::buffer_overflow)
        co_return BadRequest{
            431, "The trailers of the body, or the line before a chunk, are larger than 64 KiB"};
    request.truncated = has_unread_;
    may_go_on_ = !error && keeps_alive;
    co_return std::move(request);
}

asio::awaitable<bool> HttpConnection::write(HttpReply reply, bool keep_alive) {
    share_.give_back();
    if (reply.body) share_.take_anyway(reply.body->size());
    keep_alive = keep_alive && may_go_on_;
    const auto response = make_response(std::move(reply), version_, is_head_, keep_alive);
    http::serializer<false, SharedBody> serializer(response);
    while (!serializer.is_done()) {
        allow_time();
        auto [error, bytes] = co_await http::async_write_some(stream_, serializer, no_throw);
        if (error) co_return false;
    }
    co_return keep_alive;
}

/// To close a socket that has unread bytes is to reset the connection, and with that the answer
/// may be lost on its way (RFC 9112, 9.6).
asio::awaitable<void> HttpConnection::finish() {
    share_.give_back();
    boost::system::error_code error;
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
    if (error || (!has_unread_ && buffer_.size() == 0)) co_return;
    stream_.expires_after(unread_limit);
    buffer_.clear();
    for (std::size_t unread = 0; unread < max_unread;) {
        auto [read_error, bytes] =
            co_await stream_.async_read_some(buffer_.prepare(read_bytes), no_throw);
        if (read_error) co_return;
        unread += bytes;
    }
}

void HttpConnection::close() { stream_.close(); }

void HttpConnection::close_when_idle() {
    boost::system::error_code error;
    // What has arrived, and has not been read yet, counts as well. A read that is done, but has not
    // been told of, is not called off by this, and finds the connection open.
    if (is_idle_ && (stream_.socket().available(error) == 0 || error)) stream_.cancel();
}

}  // namespace forklift::local
