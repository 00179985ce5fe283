#include "local/standard_error.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "process/log_pipe.h"

namespace forklift::local {

namespace {

// Of the program, as its stderr is.
std::optional<process::LogPipe> unblocked;
std::string left_over;

/// Returns when it is written, when nobody reads it any more, or when nobody has for `patience`.
void write_out(std::string_view text, std::chrono::milliseconds patience) {
    while (!text.empty()) {
        // Whoever shares this terminal or pipe with us may have set it not to block.
        pollfd stderr_poll{STDERR_FILENO, POLLOUT, 0};
        const int ready = ::poll(&stderr_poll, 1, static_cast<int>(patience.count()));
        if (ready == 0) return;
        if (ready < 0 && errno == EINTR) continue;
        // Where there is any room, it is enough for so much (pipe(7)).
        const ssize_t written =
            ::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (written < 0 && errno != EAGAIN && errno != EINTR) return;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

void write_to_stderr(std::string_view text) noexcept {
    if (unblocked) return unblocked->write(text);
    constexpr std::chrono::milliseconds no_limit{-1};
    flush_stderr(no_limit);
    write_out(text, no_limit);
}

UnblockedStderr::UnblockedStderr(boost::asio::io_context& loop) {
    // Longer than on Lambda, where an event may have no more time than that.
    constexpr std::chrono::milliseconds patience{500};
    unblocked.emplace(loop.get_executor(), STDERR_FILENO, patience);
}

UnblockedStderr::~UnblockedStderr() {
    left_over += unblocked->take_rest();
    unblocked.reset();
}

bool stderr_is_congested() { return unblocked && unblocked->congested(); }

void flush_stderr(std::chrono::milliseconds patience) noexcept {
    write_out(std::exchange(left_over, {}), patience);
}

}  // namespace forklift::local
