#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "local/body_budget.h"
#include "local/http_message.h"

namespace forklift::local {

/// What a server takes of a client.
struct HttpLimits {
    /// Of a larger body nothing is kept, and only its size is told.
    std::size_t max_body = 0;
    /// How long a client may take until the head of its next request is there, and for each step
    /// from then on; nothing waits for ever.
    std::optional<std::chrono::milliseconds> patience;
    /// Bytes of all bodies at a time, those of answers that go out among them. A request for which
    /// there is no room is answered before its body is read.
    std::size_t max_bodies = SIZE_MAX;
};

/// A request that nobody can answer but with this status.
struct BadRequest {
    int status = 400;
    const char* message = "";
};

/// There will be no further request.
struct NoRequest {};

/// One client's connection, which carries one request after the other. A body is read to its end,
/// however large, so that the client gets to read the answer; only one that is announced too large
/// by a client that waits for 100 Continue is not asked for.
class HttpConnection {
  public:
    /// `limits` and `budget` must outlive it.
    HttpConnection(boost::asio::ip::tcp::socket socket, const HttpLimits& limits,
                   BodyBudget& budget);

    boost::asio::awaitable<std::variant<HttpRequest, BadRequest, NoRequest>> read();

    /// Answers the request that was read last. Returns true when another one may follow, which
    /// `keep_alive` must allow.
    boost::asio::awaitable<bool> write(HttpReply reply, bool keep_alive);

    /// Ends the connection so that the last answer arrives.
    boost::asio::awaitable<void> finish();

    /// Drops the connection; when idle, only if nothing has come of a request that is not answered
    /// yet. Half a request has the time that `HttpLimits::patience` gives it.
    void close();
    void close_when_idle();

  private:
    void allow_time();
    boost::asio::awaitable<bool> begins();
    boost::asio::awaitable<void> allow_body();

    const HttpLimits& limits_;
    /// What the body of the request takes, then that of the answer.
    BodyBudget::Share share_;
    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    std::string peer_;
    bool is_idle_ = false;
    /// Of the request that was read last.
    unsigned version_ = 11;
    bool is_head_ = false;
    bool may_go_on_ = false;
    /// The client may still be sending.
    bool has_unread_ = false;
};

}  // namespace forklift::local
