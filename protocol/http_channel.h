#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "protocol/connector.h"
#include "protocol/http_connection.h"
#include "protocol/http_message.h"

namespace forklift::protocol {

/// The way to one HTTP server for requests that follow each other.
class HttpChannel {
  public:
    /// Whether a connection serves for the next request too, for as long as the server keeps it, or
    /// each request has one of its own.
    enum class Connections { kept, one_each };

    /// `standing_lines` are header lines that go with every request, each with its CRLF.
    HttpChannel(std::unique_ptr<Connector> connector, Connections connections,
                std::string standing_lines);

    /// Sends one request, which must live until then, and returns its answer, whatever its status.
    /// One at a time.
    boost::asio::awaitable<HttpResult> send(const HttpRequest& request);

    /// Ends the request under way with an error.
    void cancel();

  private:
    boost::asio::awaitable<std::optional<HttpError>> connect();

    std::unique_ptr<Connector> connector_;
    Connections connections_;
    std::string standing_lines_;
    std::optional<HttpConnection> connection_;
    /// `cancel` was called since the request under way began.
    bool cancelled_ = false;
};

}  // namespace forklift::protocol
