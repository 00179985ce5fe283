#include "supervisor/log_pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace forklift::supervisor {

namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr std::size_t max_queue = 8 * 1024 * 1024;
constexpr std::size_t long_queue = 1024 * 1024;
/// A reader that took nothing for so long is not waited for.
constexpr std::chrono::milliseconds patience{100};

/// A descriptor of its own that does not block, or none where writing never blocks or nothing can
/// be done about it.
process::UniqueFd open_without_blocking(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) return {};
    if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
        const std::string path = fmt::format("/proc/self/fd/{}", fd);
        return process::UniqueFd(
            ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    }
    return {};
}

}  // namespace

LogPipe::LogPipe(asio::any_io_executor executor, int fd)
    : file_(::fcntl(fd, F_DUPFD_CLOEXEC, 3)), empty_(executor) {
    process::UniqueFd own = open_without_blocking(fd);
    if (!own) return;
    boost::system::error_code error;
    asio::posix::stream_descriptor stream(executor);
    // /dev/null cannot be waited for, and need not be.
    stream.assign(own.get(), error);
    if (error) return;
    (void)own.release();
    stream_.emplace(std::move(stream));
}

void LogPipe::write(std::string_view text) {
    if (queue_.size() - sent_ + text.size() > max_queue) {
        lost_ += text.size();
        return;
    }
    report_loss();
    queue_ += text;
    if (!waiting_) send();
}

void LogPipe::report_loss() {
    if (lost_ == 0 || queue_.size() - sent_ > max_queue / 2) return;
    queue_ += fmt::format("[{} bytes of log were lost here: stderr was not read fast enough]\n",
                          std::exchange(lost_, 0));
}

void LogPipe::send() {
    waiting_ = false;
    while (sent_ < queue_.size()) {
        if (send_some()) continue;
        if (!stream_) break;
        waiting_ = true;
        stream_->async_wait(asio::posix::descriptor_base::wait_write,
                            [this](boost::system::error_code error) {
                                if (!error) send();
                            });
        return;
    }
    queue_.clear();
    sent_ = 0;
    if (lost_ > 0) {
        report_loss();
        send();
        return;
    }
    empty_.cancel();
}

/// False when the descriptor takes nothing now, or nothing ever again.
bool LogPipe::send_some() {
    const std::string_view rest = std::string_view(queue_).substr(sent_);
    const int fd = stream_ ? stream_->native_handle() : file_.get();
    const ssize_t count = ::write(fd, rest.data(), rest.size());
    if (count < 0) {
        if (errno == EINTR) return true;
        if (errno != EAGAIN) sent_ = queue_.size();
        return errno != EAGAIN;
    }
    last_progress_ = steady_clock::now();
    sent_ += static_cast<std::size_t>(count);
    if (sent_ > long_queue && sent_ > queue_.size() / 2) {
        queue_.erase(0, std::exchange(sent_, 0));
    }
    return true;
}

asio::awaitable<void> LogPipe::flushed(std::chrono::milliseconds limit) {
    if (sent_ == queue_.size()) co_return;
    empty_.expires_after(limit);
    co_await empty_.async_wait(asio::as_tuple(asio::use_awaitable));
}

bool LogPipe::congested() const {
    return queue_.size() - sent_ > long_queue && steady_clock::now() - last_progress_ < patience;
}

}  // namespace forklift::supervisor
