#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// Who listens where on this machine, as /proc tells (proc(5)): for the words of an error. Where it
/// is not mounted nobody does.
namespace forklift::process {

/// A TCP port that a process listens on.
struct ListeningSocket {
    pid_t pid = 0;
    /// "127.0.0.1", "::1"; "0.0.0.0" and "::" for every address.
    std::string address;
    std::uint16_t port = 0;
};

/// The sockets on which processes listen that `is_meant`. Those of other users cannot be seen.
std::vector<ListeningSocket> listening_sockets(const std::function<bool(pid_t)>& is_meant);

}  // namespace forklift::process
