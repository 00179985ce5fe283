#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/http_message.h"
#include "protocol/http_response_reader.h"
#include "protocol/time_limit.h"

namespace forklift::protocol {

/// One open connection to an HTTP/1.1 server, for one request after the other. Nothing is sent
/// again: an answer that does not come is an error, which says whether the server's kernel had
/// acknowledged some of the request.
class HttpConnection {
  public:
    /// Takes over `socket`, which is connected and does not block. `standing_lines` are header
    /// lines that go with every request, each with its CRLF.
    HttpConnection(boost::asio::posix::stream_descriptor socket, std::string standing_lines);

    /// Another request may go out: the last answer came whole, and neither the end nor anything
    /// unasked for has come after it.
    bool can_be_used() const;

    /// Sends `request`, which must live until then, and reads the answer.
    boost::asio::awaitable<HttpResult> exchange(const HttpRequest& request);

    /// Ends the exchange under way with an error.
    void cancel();

  private:
    std::string head_of(const HttpRequest& request) const;
    /// Returns true when all of it is on its way; false when the server has closed the connection,
    /// or speaks already, or when the kernel does not take it: see `not_sent_`.
    boost::asio::awaitable<bool> write(std::string_view head, std::string_view body);
    boost::asio::awaitable<void> wait_for_room();
    boost::asio::awaitable<void> read(HttpResponseReader& reader);
    void hand_over(HttpResponseReader& reader);
    bool heard_something() const;
    /// There is no answer to wait for.
    bool is_over() const { return ended_ || not_sent_ != 0; }
    HttpError failed(const HttpResponseReader& reader);
    HttpError::Acknowledged acknowledged() const;

    boost::asio::posix::stream_descriptor socket_;
    TimeLimit limit_;
    std::string standing_lines_;
    /// What has been read and not been taken: `filled_` bytes at the front.
    std::unique_ptr<char[]> buffer_;
    std::size_t filled_ = 0;
    /// What the server had acknowledged when the connection was new; what has been written since,
    /// in all and before the request under way.
    std::uint64_t acknowledged_at_first_;
    std::uint64_t written_ = 0;
    std::uint64_t written_before_ = 0;
    /// The request under way has been written whole.
    bool is_sent_ = false;
    bool kept_ = true;
    /// Why the exchange was ended from outside.
    const char* ended_ = nullptr;
    /// The error for which the kernel did not take the request, or 0.
    int not_sent_ = 0;
    boost::system::error_code error_;
};

}  // namespace forklift::protocol
