#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/headers.h"

namespace forklift::protocol {

struct HttpRequest {
    /// Empty: GET when there is no body, POST when there is one, be it empty.
    std::string method;
    /// Path and query, as they go into the request line.
    std::string target;
    Headers headers;
    /// Borrowed until `send` returns.
    std::optional<std::string_view> body;
    /// 0 for as long as it takes.
    std::chrono::milliseconds timeout{0};
    /// Bytes that the body of the answer may have; 0 for no limit.
    std::size_t max_answer = 0;
};

struct HttpResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

/// A request that brought no answer back.
struct HttpError {
    /// What the server's kernel had acknowledged of the request when the connection died. `none`:
    /// not one byte, or it could not be reached. Then the server has not taken the request, but for
    /// one that read it whole and reset the connection before its kernel acknowledged anything:
    /// nobody can tell the two apart.
    enum class Acknowledged { none, maybe };
    Acknowledged acknowledged = Acknowledged::maybe;
    std::string message;
    /// The answer was larger than `HttpRequest::max_answer`.
    bool too_large = false;
};

using HttpResult = std::variant<HttpResponse, HttpError>;

/// An HTTP/1.1 client in the event loop: libcurl's multi interface behind one nested epoll
/// descriptor. It knows no proxy, and sends nothing again by itself: where libcurl would repeat a
/// request whose connection died, the caller gets the error and decides.
class HttpClient {
  public:
    /// Every request goes to `origin` (http://host:port), and `user_agent` with it.
    HttpClient(boost::asio::any_io_executor executor, std::string origin, std::string user_agent);
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient();

    /// Sends one request on a connection of its own and returns its answer, whatever its status.
    /// `request` must live until then. Several may be under way.
    boost::asio::awaitable<HttpResult> send(const HttpRequest& request);

    /// Opens a connection for somebody else's use. Returns its socket, which is the caller's to
    /// close, does not block and is close-on-exec.
    boost::asio::awaitable<std::variant<int, HttpError>> connect();

    /// Ends every request under way with an error.
    void cancel();

  private:
    class Engine;
    std::shared_ptr<Engine> engine_;
};

}  // namespace forklift::protocol
