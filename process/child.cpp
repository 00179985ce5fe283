#include "process/child.h"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <optional>

namespace forklift::process {

namespace {

namespace asio = boost::asio;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

}  // namespace

/// What tells that the child may have ended: its pidfd, or every SIGCHLD where there is none.
struct Child::Watch {
    Watch(asio::any_io_executor executor, UniqueFd fd) {
        if (fd) {
            pidfd.emplace(executor);
            pidfd->assign(fd.get());
            (void)fd.release();
        } else {
            sigchld.emplace(executor, SIGCHLD);
        }
    }

    asio::awaitable<void> changed() {
        if (pidfd) {
            co_await pidfd->async_wait(asio::posix::descriptor_base::wait_read, no_throw);
        } else {
            co_await sigchld->async_wait(no_throw);
        }
    }

    void cancel() {
        cancelled = true;
        if (pidfd) pidfd->cancel();
        if (sigchld) sigchld->cancel();
    }

    std::optional<asio::posix::stream_descriptor> pidfd;
    std::optional<asio::signal_set> sigchld;
    bool cancelled = false;
};

Child::Child(asio::any_io_executor executor, Reaper& reaper, pid_t pid, UniqueFd pidfd,
             const Mark& mark)
    : reaper_(&reaper),
      pid_(pid),
      mark_(mark),
      watch_(std::make_unique<Watch>(executor, std::move(pidfd))) {
    reaper_->track(pid_);
}

Child::Child(Child&& other) noexcept
    : reaper_(other.reaper_),
      pid_(std::exchange(other.pid_, 0)),
      mark_(other.mark_),
      watch_(std::move(other.watch_)) {}

Child::~Child() {
    if (pid_ == 0) return;
    signal_group(SIGKILL);
    reaper_->abandon(pid_);
}

bool Child::has_ended() const { return reaper_->has_ended(pid_); }

asio::awaitable<bool> Child::ended() {
    while (!has_ended()) {
        if (watch_->cancelled) co_return false;
        co_await watch_->changed();
    }
    co_return true;
}

void Child::stop_waiting() { watch_->cancel(); }

void Child::signal_group(int signal) const {
    if (pid_ == 0) return;
    ::kill(-pid_, signal);
    if (::getpgid(pid_) != pid_) ::kill(pid_, signal);
}

ExitStatus Child::status() const { return reaper_->status(pid_); }

ExitStatus Child::reap() {
    watch_.reset();
    return reaper_->reap(std::exchange(pid_, 0));
}

}  // namespace forklift::process
