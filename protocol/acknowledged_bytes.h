#pragma once

#include <cstdint>

namespace forklift::protocol {

/// How many bytes the other side's kernel has acknowledged on a TCP socket since it was opened,
/// also after the connection died (TCP_INFO, tcp(7)); UINT64_MAX when the kernel cannot tell.
std::uint64_t acknowledged_bytes(int socket);

}  // namespace forklift::protocol
