#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "protocol/connector.h"

namespace forklift::protocol {

/// Opens connections to a host by its name or address, with libcurl, for its resolver and its race
/// of addresses; it knows no proxy. Nothing is sent.
class HostConnector : public Connector {
  public:
    /// `authority` is host:port. Throws std::runtime_error or std::system_error when descriptors or
    /// memory have run out.
    HostConnector(boost::asio::any_io_executor executor, const std::string& authority);
    HostConnector(const HostConnector&) = delete;
    HostConnector& operator=(const HostConnector&) = delete;
    ~HostConnector() override;

    boost::asio::awaitable<Connected> connect() override;
    void cancel() override;

  private:
    class Engine;
    /// Outlives a `connect` that goes with the loop.
    std::shared_ptr<Engine> engine_;
};

}  // namespace forklift::protocol
