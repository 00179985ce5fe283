#include "protocol/http_connection.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "protocol/acknowledged_bytes.h"
#include "protocol/error_number.h"

namespace forklift::protocol {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t capacity = 64 * 1024;

bool is_interim(int status) { return status >= 100 && status < 200; }

}  // namespace

HttpConnection::HttpConnection(asio::posix::stream_descriptor socket, std::string standing_lines)
    : socket_(std::move(socket)),
      limit_(socket_.get_executor(),
             [this] {
                 ended_ = "no answer came in time";
                 socket_.cancel();
             }),
      standing_lines_(std::move(standing_lines)),
      // Not filled with zeros: most of it is seldom touched.
      buffer_(new char[capacity]),
      acknowledged_at_first_(acknowledged_bytes(socket_.native_handle())) {}

bool HttpConnection::can_be_used() const { return kept_ && !heard_something(); }

/// The connection has come to its end, or something stands in it to be read.
bool HttpConnection::heard_something() const {
    char byte = 0;
    const int fd = const_cast<HttpConnection*>(this)->socket_.native_handle();
    const ssize_t count = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

asio::awaitable<HttpResult> HttpConnection::exchange(const HttpRequest& request) {
    written_before_ = written_;
    kept_ = false;
    is_sent_ = false;
    ended_ = nullptr;
    not_sent_ = 0;
    error_.clear();
    const TimeLimit::Scope lifts(limit_);
    if (request.timeout.count() > 0) limit_.set(TimeLimit::Clock::now() + request.timeout);
    const std::string head = head_of(request);
    is_sent_ = co_await write(head, request.body.value_or(std::string_view()));
    for (;;) {
        HttpResponseReader reader(request.max_answer, request.method == "HEAD");
        hand_over(reader);
        while (reader.state() == HttpResponseReader::State::more && !is_over())
            co_await read(reader);
        const bool done = reader.state() == HttpResponseReader::State::done;
        // After half a request the final response would be waited for in vain.
        if (done && is_interim(reader.status()) && is_sent_) continue;
        if (!done || is_interim(reader.status())) co_return failed(reader);
        kept_ = is_sent_ && filled_ == 0 && reader.keeps_connection();
        co_return reader.release();
    }
}

void HttpConnection::cancel() {
    ended_ = "cancelled";
    socket_.cancel();
}

std::string HttpConnection::head_of(const HttpRequest& request) const {
    std::string head;
    head.reserve(512);
    const bool has_body = request.body.has_value();
    const char* usual = has_body ? "POST" : "GET";
    fmt::format_to(std::back_inserter(head), "{} {} HTTP/1.1\r\n{}",
                   request.method.empty() ? usual : request.method, request.target,
                   standing_lines_);
    for (const auto& [name, value] : request.headers) {
        head += name;
        head += ": ";
        const auto at = head.size();
        head += value;
        // Nothing in a value may begin another line (RFC 9110, 5.5).
        std::replace_if(
            head.begin() + static_cast<std::ptrdiff_t>(at), head.end(),
            [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
        head += "\r\n";
    }
    if (has_body)
        fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", request.body->size());
    head += "\r\n";
    return head;
}

asio::awaitable<bool> HttpConnection::write(std::string_view head, std::string_view body) {
    while (!ended_ && head.size() + body.size() > 0) {
        std::array<iovec, 2> parts = {iovec{const_cast<char*>(head.data()), head.size()},
                                      iovec{const_cast<char*>(body.data()), body.size()}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t count = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) {
            co_await wait_for_room();
            // A server that answers before it has read everything will not read the rest.
            if (heard_something()) co_return false;
        } else if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            co_return false;
        } else if (count < 0 && errno != EINTR) {
            // Memory has run out (ENOMEM, ENOBUFS), or the like. Nothing would tell when there is
            // some again, and the caller knows better whether to try again.
            not_sent_ = errno;
            co_return false;
        } else if (count > 0) {
            const auto sent = static_cast<std::size_t>(count);
            written_ += sent;
            const std::size_t of_head = std::min(sent, head.size());
            head.remove_prefix(of_head);
            body.remove_prefix(sent - of_head);
        }
    }
    co_return !ended_;
}

/// Returns when the socket takes more, or something is to be read from it. Waits once: a coroutine
/// that has been cancelled gets an exception when it waits again.
asio::awaitable<void> HttpConnection::wait_for_room() {
    struct Wait {
        asio::steady_timer woken;
        bool over = false;
    };
    // Both waits hold it: they end after this coroutine has gone on, and touch nothing else then.
    const auto wait = std::make_shared<Wait>(
        Wait{asio::steady_timer(socket_.get_executor(), asio::steady_timer::time_point::max())});
    const auto wake = [this, wait](boost::system::error_code) {
        if (std::exchange(wait->over, true)) return;
        wait->woken.cancel();
        socket_.cancel();
    };
    socket_.async_wait(asio::posix::descriptor_base::wait_write, wake);
    socket_.async_wait(asio::posix::descriptor_base::wait_read, wake);
    co_await wait->woken.async_wait(no_throw);
    if (!std::exchange(wait->over, true)) cancel();
}

asio::awaitable<void> HttpConnection::read(HttpResponseReader& reader) {
    const auto room = asio::buffer(buffer_.get() + filled_, capacity - filled_);
    const auto [error, count] = co_await socket_.async_read_some(room, no_throw);
    filled_ += count;
    // Not by us: whoever waits for this coroutine has cancelled it.
    if (error == asio::error::operation_aborted && !ended_) ended_ = "cancelled";
    if (error) {
        error_ = error;
        reader.take_end();
    } else {
        hand_over(reader);
    }
}

void HttpConnection::hand_over(HttpResponseReader& reader) {
    const std::size_t taken = reader.take(std::string_view(buffer_.get(), filled_));
    filled_ -= taken;
    if (filled_ > 0 && taken > 0) std::memmove(buffer_.get(), buffer_.get() + taken, filled_);
    if (filled_ < capacity) return;
    // The head and the body go through as they come. What Beast wants to see whole is a line
    // before a chunk, and the trailers.
    reader.give_up(
        fmt::format("its chunks have a line, or trailers, of more than {} bytes", capacity));
}

HttpError HttpConnection::failed(const HttpResponseReader& reader) {
    // The server may still read what its kernel has not acknowledged yet.
    if (ended_) return {HttpError::Acknowledged::maybe, ended_};
    if (not_sent_ != 0) {
        // What has been written may still arrive, whatever is acknowledged by now.
        const bool none_of_it = written_ == written_before_;
        return {none_of_it ? HttpError::Acknowledged::none : HttpError::Acknowledged::maybe,
                "the request could not be sent: " + in_words(not_sent_)};
    }
    if (is_interim(reader.status()))
        return {HttpError::Acknowledged::maybe,
                "an interim response came before the request was sent"};
    if (!error_)
        return {HttpError::Acknowledged::maybe, "no HTTP answer: " + reader.mistake(),
                reader.too_large()};
    const std::string why = error_ == asio::error::eof ? "" : ": " + error_.message();
    const char* when = reader.has_begun() || filled_ > 0
                           ? "the connection ended in the middle of the answer"
                           : "the connection was closed before an answer came";
    return {acknowledged(), when + why};
}

HttpError::Acknowledged HttpConnection::acknowledged() const {
    // Whoever reads a request whole and then resets the connection may do so before its kernel
    // acknowledges anything: that looks the same as a reset by one that never saw the request. An
    // orderly end does not: its acknowledgement tells what had come by then.
    if (is_sent_ && error_ != asio::error::eof) return HttpError::Acknowledged::maybe;
    const int fd = const_cast<HttpConnection*>(this)->socket_.native_handle();
    const std::uint64_t count = acknowledged_bytes(fd);
    const bool known = count != UINT64_MAX && acknowledged_at_first_ != UINT64_MAX;
    const bool none_of_it = known && count <= acknowledged_at_first_ + written_before_;
    return none_of_it ? HttpError::Acknowledged::none : HttpError::Acknowledged::maybe;
}

}  // namespace forklift::protocol
