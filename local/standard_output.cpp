#include "local/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace forklift::local {

void write_to_stdout(std::string_view bytes, const char* what) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // Whoever shares this terminal or pipe with us has set it so.
            pollfd stdout_poll{STDOUT_FILENO, POLLOUT, 0};
            ::poll(&stdout_poll, 1, -1);
        } else if (errno == EPIPE) {
            throw ReaderGone{};
        } else if (errno != EINTR) {
            throw std::system_error(errno, std::system_category(), what);
        }
    }
}

}  // namespace forklift::local
