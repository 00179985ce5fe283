#include "protocol/http_channel.h"

namespace forklift::protocol {

namespace asio = boost::asio;

HttpChannel::HttpChannel(std::unique_ptr<Connector> connector, Connections connections,
                         std::string standing_lines)
    : connector_(std::move(connector)),
      connections_(connections),
      standing_lines_(std::move(standing_lines)) {}

asio::awaitable<HttpResult> HttpChannel::send(const HttpRequest& request) {
    cancelled_ = false;
    if (!connection_ || !connection_->can_be_used()) {
        if (auto error = co_await connect()) co_return std::move(*error);
    }
    HttpResult result = co_await connection_->exchange(request);
    if (connections_ == Connections::one_each) connection_.reset();
    co_return result;
}

asio::awaitable<std::optional<HttpError>> HttpChannel::connect() {
    connection_.reset();
    Connected connected = co_await connector_->connect();
    if (auto* error = std::get_if<HttpError>(&connected)) co_return std::move(*error);
    connection_.emplace(std::move(std::get<asio::posix::stream_descriptor>(connected)),
                        standing_lines_);
    // It may have been called off when the connection was open and nobody knew of it yet.
    if (cancelled_) co_return HttpError{HttpError::Acknowledged::none, "cancelled"};
    co_return std::nullopt;
}

void HttpChannel::cancel() {
    cancelled_ = true;
    connector_->cancel();
    if (connection_) connection_->cancel();
}

}  // namespace forklift::protocol
