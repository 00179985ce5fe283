#include "handlers/port_probe.h"

#include <cerrno>

namespace forklift::handlers {

namespace {

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

boost::asio::awaitable<bool> PortProbe::accepts() {
    const auto connected = co_await connector_.connect();
    const auto* error = std::get_if<protocol::HttpError>(&connected);
    const bool is_short = error && is_shortage(connector_.last_error());
    obstacle_ = is_short ? error->message : std::string();
    co_return !error;
}

}  // namespace forklift::handlers
