#include "handlers/port_probe.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace forklift::handlers {

namespace asio = boost::asio;

PortProbe::PortProbe(asio::any_io_executor executor, std::uint16_t port)
    : address_(asio::ip::address_v4::loopback(), port), socket_(executor) {}

asio::awaitable<bool> PortProbe::accepts() {
    const auto [error] =
        co_await socket_.async_connect(address_, asio::as_tuple(asio::use_awaitable));
    boost::system::error_code ignored;
    // A connection to a port that nobody listens on can be given that very port as its own end, and
    // then reach itself.
    const bool accepted = !error && socket_.local_endpoint(ignored) != address_;
    socket_.close(ignored);
    co_return accepted;
}

void PortProbe::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

}  // namespace forklift::handlers
