#include "handlers/server_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "handlers/verdict.h"
#include "process/listening_socket.h"
#include "process/process_info.h"

namespace forklift::handlers {

namespace asio = boost::asio;
using process::Coprocess;
using std::chrono::milliseconds;

namespace {

/// Between two looks at a port that does not accept connections yet: short at first, for servers
/// that start fast.
constexpr milliseconds shortest_pause{1};
constexpr milliseconds longest_pause{25};
/// A server that starts for so long may be listening somewhere else.
constexpr milliseconds long_start{2000};
/// How long SIGKILL may take to empty its process group.
constexpr milliseconds empty_limit{200};

}  // namespace

std::variant<std::shared_ptr<ServerProcess>, process::SpawnError> ServerProcess::start(
    asio::any_io_executor executor, process::Reaper& reaper, const process::Command& command,
    Journal& journal, Terms terms, std::function<void()> gone) {
    auto server = std::make_shared<ServerProcess>(executor, journal, terms, std::move(gone));
    // The coprocess lets go of its callbacks in `end`, so that the two do not hold each other.
    const std::weak_ptr<ServerProcess> weak = server;
    Coprocess::Events events;
    events.output = [weak](std::string_view bytes) {
        if (const auto self = weak.lock()) self->output_journal_.write(bytes);
    };
    events.changed = [weak] {
        if (const auto self = weak.lock()) self->changed();
    };
    auto started =
        Coprocess::start(executor, reaper, command, server->errors_journal_, std::move(events));
    if (const auto* failed = std::get_if<process::SpawnError>(&started)) return *failed;
    server->coprocess_ = std::move(std::get<std::shared_ptr<Coprocess>>(started));
    server->coprocess_->close_input();
    return server;
}

ServerProcess::ServerProcess(asio::any_io_executor executor, Journal& journal, Terms terms,
                             std::function<void()> gone)
    : errors_journal_(journal),
      output_journal_(journal),
      slot_journal_(journal),
      terms_(terms),
      probe_(executor, terms.port),
      gone_(std::move(gone)),
      change_(executor) {}

asio::awaitable<bool> ServerProcess::listening(Clock::time_point limit) {
    milliseconds wait = shortest_pause;
    while (!listening_ && !ended() && !called_off_ && Clock::now() < limit) {
        const bool accepted = co_await probe_.accepts();
        // Had it found the port taken, it would have ended.
        listening_ = accepted && !ended();
        if (listening_ || !obstacle().empty()) break;
        if (age() >= long_start) note_long_start();
        co_await pause(std::min(Clock::now() + wait, limit));
        wait = std::min(wait * 2, longest_pause);
    }
    co_return listening_ && !ended() && !called_off_;
}

void ServerProcess::note_long_start() {
    if (std::exchange(long_start_noted_, true)) return;
    slot_journal_.warn(fmt::format(
        "the server was started {} ms ago and does not accept connections on port {} of "
        "127.0.0.1; {}",
        std::chrono::duration_cast<milliseconds>(age()).count(), terms_.port, where_it_listens()));
}

std::string ServerProcess::where_it_listens() const {
    std::string places;
    for (const auto& socket :
         process::listening_sockets([this](pid_t one) { return is_its(one); })) {
        const bool is_v6 = socket.address.find(':') != socket.address.npos;
        places += fmt::format("{}{}{}{}:{} (pid {}, {})", places.empty() ? "" : ", ",
                              is_v6 ? "[" : "", socket.address, is_v6 ? "]" : "", socket.port,
                              socket.pid, process::command_line(socket.pid));
    }
    if (places.empty()) return "its processes listen on no port yet";
    return "its processes listen on " + places;
}

bool ServerProcess::is_its(pid_t one) const {
    const auto info = process::process_info(one);
    return info && !info->is_zombie &&
           (info->group == pid() || process::mark_of(one) == coprocess_->mark());
}

/// A program that goes to the background lets its parent end, and so is our child by now.
bool ServerProcess::has_left_processes() const {
    const auto children = process::children_of(::getpid());
    return std::any_of(children.begin(), children.end(),
                       [this](pid_t one) { return one != pid() && is_its(one); });
}

void ServerProcess::call_off() {
    called_off_ = true;
    probe_.cancel();
    change_.cancel();
}

asio::awaitable<void> ServerProcess::pause(Clock::time_point until) {
    if (ended() || called_off_) co_return;
    change_.expires_at(until);
    co_await change_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<bool> ServerProcess::ends_within(milliseconds limit) {
    const auto until = Clock::now() + limit;
    while (!ended() && !called_off_ && Clock::now() < until) co_await pause(until);
    co_return ended();
}

std::string ServerProcess::how_it_ended() const {
    return handlers::how_it_ended(coprocess_->status());
}

void ServerProcess::begin_event() {
    if (listening_) coprocess_->forget_lines();
}

void ServerProcess::finish_event() {
    coprocess_->hand_on_stderr();
    errors_journal_.end();
}

void ServerProcess::changed() {
    if (!ended()) return;
    probe_.cancel();
    change_.cancel();
    if (gone_) std::exchange(gone_, nullptr)();
}

asio::awaitable<void> ServerProcess::stop(process::StopLadder ladder) {
    const auto self = shared_from_this();
    stopped_ = true;
    co_await coprocess_->stop(std::move(ladder));
}

asio::awaitable<void> ServerProcess::end(process::StopLadder ladder) {
    const auto self = shared_from_this();
    gone_ = nullptr;
    co_await coprocess_->stop(std::move(ladder));
    if (!co_await coprocess_->clear(terms_.escaped, empty_limit))
        slot_journal_.warn("processes of a web server that has ended do not end on SIGKILL");
    errors_journal_.end();
    output_journal_.end();
}

}  // namespace forklift::handlers
