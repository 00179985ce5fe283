#include "process/reaper.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <new>
#include <vector>

#include "process/process_info.h"

namespace forklift::process {

namespace {

namespace asio = boost::asio;

/// waitid(2) without waiting; returns the pid of the child found, or 0.
pid_t poll_ended(idtype_t type, pid_t id, int flags, siginfo_t& info) {
    info.si_pid = 0;
    if (::waitid(type, static_cast<id_t>(id), &info, WEXITED | WNOHANG | flags) != 0) return 0;
    return info.si_pid;
}

/// One call spares the reading of /proc where there is no child at all, as after most runs.
bool has_children() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool group_is_empty(pid_t group) { return ::kill(-group, 0) != 0 && errno == ESRCH; }

/// Looks again and again, at growing intervals, until `is_done`; false when it is not by `limit`.
asio::awaitable<bool> wait_until(std::function<bool()> is_done, std::chrono::milliseconds limit) {
    using namespace std::chrono;
    asio::steady_timer pause(co_await asio::this_coro::executor);
    const auto give_up = steady_clock::now() + limit;
    for (milliseconds delay{1}; !is_done(); delay = std::min(2 * delay, milliseconds(16))) {
        if (steady_clock::now() >= give_up) co_return false;
        pause.expires_after(delay);
        co_await pause.async_wait(asio::use_awaitable);
    }
    co_return true;
}

}  // namespace

Reaper::Reaper() {
    // Whoever started us may have ignored SIGCHLD, and then the kernel would reap behind our back.
    ::signal(SIGCHLD, SIG_DFL);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (!has_children()) return;
    for (const pid_t pid : children_of(::getpid())) strangers_.insert(pid);
}

void Reaper::track(pid_t pid) { tracked_.insert(pid); }

bool Reaper::has_ended(pid_t pid) const {
    siginfo_t info{};
    return poll_ended(P_PID, pid, WNOWAIT, info) == pid;
}

ExitStatus Reaper::status(pid_t pid) const {
    siginfo_t info{};
    poll_ended(P_PID, pid, WNOWAIT, info);
    return to_exit_status(info);
}

ExitStatus Reaper::reap(pid_t pid) {
    siginfo_t info{};
    poll_ended(P_PID, pid, 0, info);
    tracked_.erase(pid);
    return to_exit_status(info);
}

void Reaper::abandon(pid_t pid) { tracked_.erase(pid); }

int Reaper::reap_orphans() {
    siginfo_t info{};
    int count = 0;
    // A tracked child that has ended stands before the orphans behind it; the next call gets those.
    while (const pid_t pid = poll_ended(P_ALL, 0, WNOWAIT, info)) {
        if (tracked_.contains(pid)) break;
        poll_ended(P_PID, pid, 0, info);
        ++count;
    }
    return count;
}

/// Returns false when there was none. A process that dies shows nothing of what it was, and still
/// has its children: it counts until it is reaped, and they are ours.
bool Reaper::kill_orphans(const std::function<bool(pid_t)>& is_meant, Dying& dying) {
    bool found = false;
    try {
        for (const pid_t pid : children_of(::getpid())) {
            if (tracked_.contains(pid) || strangers_.contains(pid)) continue;
            if (!dying.contains(pid) && !is_meant(pid)) continue;
            // It is our child, so its number stays its own until it is reaped.
            if (::kill(pid, SIGKILL) != 0 && errno == EPERM) continue;
            found = true;
            siginfo_t info{};
            if (poll_ended(P_PID, pid, 0, info))
                dying.erase(pid);
            else
                dying.insert(pid);
        }
    } catch (const std::bad_alloc&) {
        // There may be some: the next look tells.
        return true;
    }
    return found;
}

asio::awaitable<bool> Reaper::end_meant(std::function<bool(pid_t)> is_meant,
                                        std::chrono::milliseconds limit) {
    if (!has_children()) co_return true;
    Dying dying;
    const bool have_ended =
        co_await wait_until([&] { return !kill_orphans(is_meant, dying); }, limit);
    if (have_ended) reap_orphans();
    co_return have_ended;
}

asio::awaitable<bool> Reaper::end_orphans(std::chrono::milliseconds limit) {
    return end_meant([](pid_t) { return true; }, limit);
}

asio::awaitable<bool> Reaper::end_orphans_of(const Mark& mark, std::chrono::milliseconds limit) {
    const auto is_meant = [this, mark](pid_t pid) {
        const auto found = mark_of(pid);
        return found ? *found == mark : tracked_.empty();
    };
    return end_meant(is_meant, limit);
}

/// Returns false when they have all ended.
bool Reaper::kill_tracked() const {
    bool found = false;
    for (const pid_t pid : tracked_) {
        ::kill(-pid, SIGKILL);
        ::kill(pid, SIGKILL);
        if (!has_ended(pid)) found = true;
    }
    return found;
}

asio::awaitable<bool> Reaper::end_all(std::chrono::milliseconds limit) {
    const auto everyone = [](pid_t) { return true; };
    Dying dying;
    const auto have_ended = [&] {
        // What a child has put into another session is ours once the child has ended.
        const bool are_tracked_left = kill_tracked();
        const bool are_orphans_left = kill_orphans(everyone, dying);
        return !are_tracked_left && !are_orphans_left;
    };
    co_return co_await wait_until(have_ended, limit);
}

void Reaper::hold(pid_t group, std::shared_ptr<void> leftovers) {
    held_[group] = std::move(leftovers);
}

asio::awaitable<bool> Reaper::empty_group(pid_t group, std::chrono::milliseconds limit) {
    held_.erase(group);
    if (group_is_empty(group)) co_return true;
    const auto is_empty = [group] {
        siginfo_t info{};
        while (poll_ended(P_PGID, group, 0, info)) {
        }
        return group_is_empty(group);
    };
    co_return co_await wait_until(is_empty, limit);
}

}  // namespace forklift::process
