#include "protocol/http_channel.h"

#include <fmt/format.h>

namespace forklift::protocol {

namespace asio = boost::asio;

HttpChannel::HttpChannel(asio::any_io_executor executor, std::string_view authority,
                         std::string_view user_agent)
    : executor_(executor),
      client_(executor, fmt::format("http://{}", authority), std::string(user_agent)),
      standing_lines_(fmt::format("Host: {}\r\nUser-Agent: {}\r\n", authority, user_agent)) {}

asio::awaitable<HttpResult> HttpChannel::send(const HttpRequest& request) {
    cancelled_ = false;
    if (!connection_ || !connection_->can_be_used()) {
        connection_.reset();
        auto connected = co_await client_.connect();
        if (auto* error = std::get_if<HttpError>(&connected)) co_return std::move(*error);
        try {
            connection_.emplace(executor_, std::get<int>(connected), standing_lines_);
        } catch (const boost::system::system_error& error) {
            co_return HttpError{HttpError::Acknowledged::none, error.what()};
        }
        // It may have been called off when the connection was open and nobody knew of it yet.
        if (cancelled_) co_return HttpError{HttpError::Acknowledged::none, "cancelled"};
    }
    co_return co_await connection_->exchange(request);
}

void HttpChannel::cancel() {
    cancelled_ = true;
    client_.cancel();
    if (connection_) connection_->cancel();
}

}  // namespace forklift::protocol
