#include "protocol/acknowledged_bytes.h"

// The C library's own struct tcp_info ends before the field we need, and the two headers do not go
// into one file.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace forklift::protocol {

std::uint64_t acknowledged_bytes(int socket) {
    struct tcp_info info {};
    socklen_t length = sizeof info;
    constexpr std::size_t needed = offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(__u64);
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 || length < needed) {
        return UINT64_MAX;
    }
    return info.tcpi_bytes_acked;
}

}  // namespace forklift::protocol
