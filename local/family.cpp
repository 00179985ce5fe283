#include "local/family.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <new>

#include "local/process_files.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

Family::Family(process::Reaper& reaper) : reaper_(reaper) {
    for (const pid_t pid : children_of(::getpid())) strangers_.insert(pid);
}

std::variant<process::Child, process::SpawnError> Family::spawn(asio::any_io_executor executor,
                                                                const process::Command& command,
                                                                process::ChildStreams streams) {
    auto spawned = process::spawn(std::move(executor), reaper_, command, streams);
    if (const auto* child = std::get_if<process::Child>(&spawned)) bootstraps_.insert(child->pid());
    return spawned;
}

/// Returns false when there was no orphan.
bool Family::kill_orphans() {
    reaper_.reap_orphans();
    bool found = false;
    try {
        for (const pid_t pid : children_of(::getpid())) {
            if (bootstraps_.contains(pid) || strangers_.contains(pid)) continue;
            found = true;
            ::kill(pid, SIGKILL);
        }
    } catch (const std::bad_alloc&) {
        // There may be some: the next look tells.
        return true;
    }
    return found;
}

asio::awaitable<void> Family::sweep() {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    const auto give_up = std::chrono::steady_clock::now() + 5s;
    for (auto delay = 1ms; kill_orphans(); delay = std::min(2 * delay, 16ms)) {
        if (std::chrono::steady_clock::now() > give_up) co_return;
        pause.expires_after(delay);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

}  // namespace forklift::local
