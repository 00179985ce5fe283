#include "local/family.h"

#include <unistd.h>

#include <chrono>

#include "process/process_info.h"

namespace forklift::local {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds sweep_limit{5};

}  // namespace

Family::Family(process::Reaper& reaper) : reaper_(reaper) {
    for (const pid_t pid : process::children_of(::getpid())) strangers_.insert(pid);
}

asio::awaitable<void> Family::sweep() {
    const auto is_meant = [this](pid_t pid) { return !strangers_.contains(pid); };
    co_await reaper_.end_orphans(is_meant, sweep_limit);
}

}  // namespace forklift::local
