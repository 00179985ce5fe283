#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "protocol/loopback_connector.h"

namespace forklift::handlers {

/// Finds out whether a port of 127.0.0.1 accepts connections.
class PortProbe {
  public:
    PortProbe(boost::asio::any_io_executor executor, std::uint16_t port)
        : connector_(std::move(executor), port) {}

    /// Makes a connection and closes it.
    boost::asio::awaitable<bool> accepts();

    /// Why the last `accepts` could not even try, in words: descriptors or memory have run out.
    /// Empty when it could.
    const std::string& obstacle() const { return obstacle_; }

    /// Ends `accepts` with false.
    void cancel() { connector_.cancel(); }

  private:
    protocol::LoopbackConnector connector_;
    std::string obstacle_;
};

}  // namespace forklift::handlers
