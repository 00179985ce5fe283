#include "process/unblocked_output.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace forklift::process {

namespace asio = boost::asio;

namespace {

/// Opens what `fd` leads to anew, so that it can be written without blocking. Empty where that
/// cannot be: without /proc, or where this user may not open what it was given open.
UniqueFd open_anew(int fd) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    return UniqueFd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

/// An epoll descriptor with `fd` in it; empty for what cannot be waited for, as /dev/null.
UniqueFd make_epoll(int fd) {
    UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event none{};
    if (epoll && ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &none) != 0) epoll.reset();
    return epoll;
}

}  // namespace

UnblockedOutput::UnblockedOutput(int fd) : file_(::fcntl(fd, F_DUPFD_CLOEXEC, 3)) {
    struct stat info {};
    if (!file_ || ::fstat(fd, &info) != 0) return;
    if (S_ISSOCK(info.st_mode)) kind_ = Kind::socket;
    if (!S_ISFIFO(info.st_mode) && !S_ISCHR(info.st_mode)) return;
    kind_ = S_ISCHR(info.st_mode) ? Kind::shared_terminal : Kind::shared_pipe;
    UniqueFd own = open_anew(fd);
    if (!own) return;
    kind_ = Kind::unblocked;
    file_ = std::move(own);
}

UnblockedOutput::UnblockedOutput(asio::any_io_executor executor, int fd) : UnblockedOutput(fd) {
    if (kind_ == Kind::file) return;
    UniqueFd epoll = make_epoll(file_.get());
    if (!epoll) {
        // Nobody could say when there is room again: late is better than never.
        file_.reset(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
        kind_ = Kind::file;
        return;
    }
    epoll_.emplace(executor, epoll.get());
    (void)epoll.release();
}

std::optional<std::size_t> UnblockedOutput::write_some(std::string_view text) {
    const int fd = file_.get();
    for (;;) {
        ssize_t count = 0;
        if (kind_ == Kind::socket) {
            count = ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        } else if (kind_ == Kind::shared_pipe || kind_ == Kind::shared_terminal) {
            // Where a pipe has any room, it is enough for so much (pipe(7)).
            const std::size_t most = kind_ == Kind::shared_pipe ? PIPE_BUF : 1;
            if (!wait_for_room(std::chrono::milliseconds(0))) return 0;
            count = ::write(fd, text.data(), std::min(text.size(), most));
        } else {
            count = ::write(fd, text.data(), text.size());
        }
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno != EINTR) return std::nullopt;
    }
}

bool UnblockedOutput::wait_for_room(std::chrono::milliseconds limit) const {
    pollfd descriptor{file_.get(), POLLOUT, 0};
    for (;;) {
        const int ready = ::poll(&descriptor, 1, static_cast<int>(limit.count()));
        if (ready >= 0 || errno != EINTR) return ready == 1;
    }
}

void UnblockedOutput::wait(std::function<void()> ready) {
    // A file never says that it takes nothing.
    if (!epoll_) return;
    epoll_event writable{EPOLLOUT | EPOLLONESHOT, {}};
    ::epoll_ctl(epoll_->native_handle(), EPOLL_CTL_MOD, file_.get(), &writable);
    ready_ = std::make_shared<std::function<void()>>(std::move(ready));
    const auto woken = [epoll = epoll_->native_handle(),
                        whom = std::weak_ptr(ready_)](boost::system::error_code error) {
        const auto call = whom.lock();
        if (error || !call) return;
        // What has been told of is to be told of again only when it is new.
        epoll_event told{};
        ::epoll_wait(epoll, &told, 1, 0);
        (*call)();
    };
    epoll_->async_wait(asio::posix::descriptor_base::wait_read, woken);
}

}  // namespace forklift::process
