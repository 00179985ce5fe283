#include "local/journal.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace forklift::local {

namespace {

/// What LogType: Tail gives back.
constexpr std::size_t max_tail = 4096;

}  // namespace

void write_to_stderr(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // Whoever shares this terminal or pipe with us has set it so.
            pollfd stderr_poll{STDERR_FILENO, POLLOUT, 0};
            ::poll(&stderr_poll, 1, -1);
        } else if (errno != EINTR) {
            return;
        }
    }
}

void Journal::begin(bool keep_tail) {
    keep_tail_ = keep_tail;
    tail_.clear();
}

void Journal::line(std::string_view text) {
    std::string whole;
    whole.reserve(text.size() + 1);
    whole.append(text).append("\n");
    lines(whole);
}

void Journal::lines(std::string_view text) {
    write_to_stderr(text);
    if (!keep_tail_) return;
    tail_.append(text);
    if (tail_.size() > 2 * max_tail) tail_.erase(0, tail_.size() - max_tail);
}

std::string Journal::take_tail() {
    keep_tail_ = false;
    if (tail_.size() > max_tail) tail_.erase(0, tail_.size() - max_tail);
    return std::exchange(tail_, {});
}

}  // namespace forklift::local
