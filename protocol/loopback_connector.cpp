#include "protocol/loopback_connector.h"

#include <fcntl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "protocol/error_number.h"

namespace forklift::protocol {

namespace asio = boost::asio;

LoopbackConnector::LoopbackConnector(asio::any_io_executor executor, std::uint16_t port)
    : address_(asio::ip::address_v4::loopback(), port), socket_(executor) {}

asio::awaitable<Connected> LoopbackConnector::connect() {
    boost::system::error_code error;
    boost::system::error_code ignored;
    last_error_ = 0;
    socket_.open(address_.protocol(), error);
    if (!error) {
        // Asio's sockets are inherited by children otherwise.
        ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
        std::tie(error) =
            co_await socket_.async_connect(address_, asio::as_tuple(asio::use_awaitable));
    }
    // A connection to a port that nobody listens on can be given that very port as its own end, and
    // then reach itself.
    if (!error && socket_.local_endpoint(ignored) == address_)
        error = asio::error::connection_refused;
    if (!error) {
        socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
        socket_.non_blocking(true, ignored);
        co_return adopt_socket(socket_.get_executor(), socket_.release());
    }
    socket_.close(ignored);
    if (error == asio::error::operation_aborted)
        co_return HttpError{HttpError::Acknowledged::none, "cancelled"};
    last_error_ = error.value();
    co_return HttpError{HttpError::Acknowledged::none,
                        "could not connect: " + in_words(error.value())};
}

void LoopbackConnector::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

}  // namespace forklift::protocol
