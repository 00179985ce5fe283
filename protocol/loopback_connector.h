#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

#include "protocol/connector.h"

namespace forklift::protocol {

/// Opens connections to a port of 127.0.0.1.
class LoopbackConnector : public Connector {
  public:
    LoopbackConnector(boost::asio::any_io_executor executor, std::uint16_t port);

    /// The errno of the last `connect` that failed; 0 when it was called off or there was none.
    int last_error() const { return last_error_; }

    boost::asio::awaitable<Connected> connect() override;
    void cancel() override;

  private:
    boost::asio::ip::tcp::endpoint address_;
    boost::asio::ip::tcp::socket socket_;
    int last_error_ = 0;
};

}  // namespace forklift::protocol
