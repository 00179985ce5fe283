#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/http_client.h"
#include "protocol/http_connection.h"

namespace forklift::protocol {

/// The way to one HTTP server for requests that follow each other: one connection, kept for as long
/// as the server keeps it, and opened anew when it has gone.
class HttpChannel {
  public:
    /// `authority` is host:port; `user_agent` goes with every request.
    HttpChannel(boost::asio::any_io_executor executor, std::string_view authority,
                std::string_view user_agent);

    /// Sends one request, which must live until then, and returns its answer, whatever its status.
    /// One at a time.
    boost::asio::awaitable<HttpResult> send(const HttpRequest& request);

    /// Ends the request under way with an error.
    void cancel();

  private:
    boost::asio::any_io_executor executor_;
    /// Opens the connections.
    HttpClient client_;
    std::string standing_lines_;
    std::optional<HttpConnection> connection_;
    /// `cancel` was called since the request under way began.
    bool cancelled_ = false;
};

}  // namespace forklift::protocol
