#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <variant>

#include "protocol/http_message.h"

namespace forklift::protocol {

/// An open connection, which does not block and is close-on-exec; or why there is none.
using Connected = std::variant<HttpError, boost::asio::posix::stream_descriptor>;

/// Opens connections to one server.
class Connector {
  public:
    Connector() = default;
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;
    virtual ~Connector() = default;

    /// One at a time.
    virtual boost::asio::awaitable<Connected> connect() = 0;

    /// Ends the `connect` under way with an error.
    virtual void cancel() = 0;
};

/// Takes over `socket`, which is connected, and closes it when the loop cannot wait for it.
Connected adopt_socket(boost::asio::any_io_executor executor, int socket);

}  // namespace forklift::protocol
