#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

namespace forklift::handlers {

/// Finds out whether a port of 127.0.0.1 accepts connections.
class PortProbe {
  public:
    PortProbe(boost::asio::any_io_executor executor, std::uint16_t port);

    /// Makes a connection and closes it.
    boost::asio::awaitable<bool> accepts();

    /// Ends `accepts` with false.
    void cancel();

  private:
    boost::asio::ip::tcp::endpoint address_;
    boost::asio::ip::tcp::socket socket_;
};

}  // namespace forklift::handlers
