#include "tests/support/free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/support/checked.h"
#include "tests/support/file_descriptor.h"

namespace forklift::test {

std::string free_port() {
    const FileDescriptor socket(
        checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket for a free port"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    checked(::bind(socket.get(), any, length), "bind");
    checked(::getsockname(socket.get(), any, &length), "getsockname");
    return std::to_string(ntohs(address.sin_port));
}

}  // namespace forklift::test
