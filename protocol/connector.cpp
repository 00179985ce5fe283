#include "protocol/connector.h"

#include <unistd.h>

#include "protocol/error_number.h"

namespace forklift::protocol {

Connected adopt_socket(boost::asio::any_io_executor executor, int socket) {
    boost::asio::posix::stream_descriptor adopted(std::move(executor));
    boost::system::error_code error;
    // The constructor that takes a descriptor leaves it open when it throws.
    adopted.assign(socket, error);
    if (!error) return adopted;
    ::close(socket);
    return HttpError{HttpError::Acknowledged::none,
                     "the connection cannot be waited for: " + in_words(error.value())};
}

}  // namespace forklift::protocol
