#pragma once

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace forklift::process {

enum class ReadState { more, waiting, end };

/// Hands what a pipe that does not block holds to `take`. At most a megabyte at a time, so that one
/// child's flood leaves the loop time for timers and for other children.
template <typename Take>
ReadState read_available(int fd, Take take) {
    static thread_local std::array<char, 65536> buffer;
    for (int turn = 0; turn < 16; ++turn) {
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count > 0) {
            take(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
        } else if (count == 0) {
            return ReadState::end;
        } else if (errno != EINTR) {
            return errno == EAGAIN ? ReadState::waiting : ReadState::end;
        }
    }
    return ReadState::more;
}

}  // namespace forklift::process
