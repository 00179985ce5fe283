#include "handlers/worker_process.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "handlers/verdict.h"
#include "protocol/shown_bytes.h"

namespace forklift::handlers {

namespace asio = boost::asio;
using namespace conversation;
using process::Coprocess;
using protocol::Framing;

namespace {

/// How long the end of a worker may take that has closed its stdin or stdout.
constexpr std::chrono::milliseconds end_grace{100};
constexpr std::size_t max_first_words = 256;
/// How long SIGKILL may take to empty its process group.
constexpr std::chrono::milliseconds empty_limit{200};

}  // namespace

std::variant<std::shared_ptr<WorkerProcess>, process::SpawnError> WorkerProcess::start(
    asio::any_io_executor executor, process::Reaper& reaper, const process::Command& command,
    Journal& journal, Terms terms, std::function<void()> idle_trouble) {
    auto worker =
        std::make_shared<WorkerProcess>(executor, journal, terms, std::move(idle_trouble));
    // The coprocess lets go of its callbacks in `end`, so that the two do not hold each other.
    const std::weak_ptr<WorkerProcess> weak = worker;
    Coprocess::Events events;
    events.output = [weak](std::string_view bytes) {
        if (const auto self = weak.lock()) self->take_output(bytes);
    };
    events.changed = [weak] {
        if (const auto self = weak.lock()) self->changed();
    };
    auto started = Coprocess::start(executor, reaper, command, worker->journal_, std::move(events));
    if (const auto* failed = std::get_if<process::SpawnError>(&started)) return *failed;
    worker->coprocess_ = std::move(std::get<std::shared_ptr<Coprocess>>(started));
    return worker;
}

WorkerProcess::WorkerProcess(asio::any_io_executor executor, Journal& journal, Terms terms,
                             std::function<void()> idle_trouble)
    : journal_(journal),
      slot_journal_(journal),
      framing_(terms.framing),
      greets_(terms.greets || terms.framing == Framing::framed),
      escaped_(terms.escaped),
      reader_(terms.framing, terms.max_reply),
      idle_trouble_(std::move(idle_trouble)),
      change_(executor) {}

asio::awaitable<std::optional<End>> WorkerProcess::ready() {
    watched_ = true;
    while (!ready_ && !settled()) co_await wait_until(Clock::time_point::max());
    if (!ready_ && gone()) co_await wait_for_end();
    watched_ = false;
    if (!ready_) co_return how_it_ended(0);
    // It may have gone away in the same moment.
    changed();
    co_return std::nullopt;
}

asio::awaitable<End> WorkerProcess::answer(std::string request, std::string request_id,
                                           Clock::time_point stop_at, process::StopLadder ladder) {
    const std::size_t size = request.size();
    watched_ = open_ = true;
    open_id_ = std::move(request_id);
    // What a worker says while it starts belongs to the event that finds out how that went.
    if (has_lived()) coprocess_->forget_lines();
    coprocess_->send(std::move(request));
    bool in_time = true;
    while (!settled() && in_time) {
        co_await wait_until(stop_at);
        in_time = Clock::now() < stop_at;
    }
    if (!reply_ && !called_off_ && gone()) co_await wait_for_end();
    End end = settled() ? how_it_ended(size) : TimedOut{how_far_it_was()};
    if (std::holds_alternative<TimedOut>(end) || std::holds_alternative<CalledOff>(end))
        co_await coprocess_->stop(std::move(ladder));
    coprocess_->hand_on_stderr();
    journal_.end();
    watched_ = open_ = false;
    if (!std::holds_alternative<Answered>(end)) idle_trouble_ = nullptr;
    co_return end;
}

void WorkerProcess::call_off() {
    called_off_ = true;
    change_.cancel();
}

asio::awaitable<void> WorkerProcess::wait_until(Clock::time_point time) {
    change_.expires_at(time);
    co_await change_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> WorkerProcess::wait_for_end() {
    const auto limit = Clock::now() + end_grace;
    while (!coprocess_->ended() && Clock::now() < limit) co_await wait_until(limit);
}

bool WorkerProcess::gone() const {
    return coprocess_->ended() || coprocess_->output_closed() || coprocess_->input_closed();
}

bool WorkerProcess::settled() const {
    return reply_ || broken_ || init_error_ || called_off_ || gone();
}

/// Before its first answer a worker may speak without being asked, if the framing can tell.
bool WorkerProcess::may_greet() const { return greets_ && !has_lived(); }

bool WorkerProcess::sound() const {
    if (broken_ || init_error_ || called_off_ || gone() || coprocess_->unsent() > 0) return false;
    return may_greet() || reader_.pending() == 0;
}

bool WorkerProcess::usable() const { return sound() && (may_greet() || !coprocess_->has_output()); }

/// What has happened, when `settled`.
End WorkerProcess::how_it_ended(std::size_t request_size) {
    if (!coprocess_->exhausted().empty()) return Exhausted{coprocess_->exhausted()};
    // Two lines for one event: nobody can say which of them is the answer.
    const bool reply_stands = reply_ && !(broken_ && framing_ == Framing::lines);
    if (reply_stands) {
        ++answered_;
        Answered answered{std::move(*reply_)};
        reply_.reset();
        return answered;
    }
    if (init_error_) return CannotStart{*init_error_};
    if (broken_) return Broken{*broken_};
    if (called_off_) return CalledOff{};
    return Gone{how_it_went(), request_size > 0 && coprocess_->unread() == request_size};
}

std::string WorkerProcess::how_it_went() const {
    const std::size_t pending = reader_.pending();
    const std::string where =
        pending == 0 ? "" : fmt::format(", in the middle of a reply ({} bytes of it)", pending);
    if (coprocess_->ended()) return handlers::how_it_ended(coprocess_->status()) + where;
    return fmt::format("closed its {} but goes on running{}",
                       coprocess_->output_closed() ? "stdout" : "stdin", where);
}

std::string WorkerProcess::how_far_it_was() const {
    if (coprocess_->unread() > 0) {
        return fmt::format("had left {} bytes of the event unread", coprocess_->unread());
    }
    if (reader_.pending() > 0) {
        return fmt::format("had written {} bytes of a reply that was not complete ({})",
                           reader_.pending(),
                           framing_ == Framing::lines ? "a reply ends with a line feed"
                                                      : "see its Content-Length or chunks");
    }
    return "had not begun to answer";
}

asio::awaitable<End> WorkerProcess::trouble() {
    const bool spoke = !broken_ && !init_error_ && !gone();
    if (spoke) {
        // What it wrote may not have been read yet.
        const auto limit = Clock::now() + end_grace;
        while (!broken_ && first_words_.empty() && Clock::now() < limit) co_await wait_until(limit);
        if (broken_) co_return Broken{*broken_};
        co_return Broken{is_before_first_event() ? what_came_first()
                                                 : "wrote to stdout while no event was open"};
    }
    if (gone()) co_await wait_for_end();
    co_return how_it_ended(0);
}

/// In `lines` such words are a mistake that many make, and that deserves its own answer.
bool WorkerProcess::is_before_first_event() const {
    return framing_ == Framing::lines && !has_lived() && !first_words_.empty();
}

/// The worker may have read the event by the time its first words are, so that nobody can tell
/// whether they came before: one text for both.
std::string WorkerProcess::what_came_first() const {
    return fmt::format(
        "wrote {} besides its reply to the first event. With the framing lines stdout is for "
        "replies alone, one line for each event: write to stderr what is for the log, or set "
        "wait_ready, and the first line says that the worker is ready",
        protocol::shown_bytes(first_words_.substr(0, first_words_.find('\n'))));
}

std::string WorkerProcess::more_than_one_line() const {
    if (is_before_first_event()) return what_came_first();
    return "wrote more than one line for one event; the reply must be a single line";
}

void WorkerProcess::take_output(std::string_view bytes) {
    if (broken_) return;
    if (answered_ == 0 && first_words_.size() < max_first_words)
        first_words_ += bytes.substr(0, max_first_words - first_words_.size());
    reader_.feed(bytes);
    while (auto message = reader_.take()) take_message(std::move(*message));
    if (reader_.mistake()) break_off(*reader_.mistake());
    if (framing_ == Framing::lines && reply_ && reader_.pending() > 0)
        break_off(more_than_one_line());
    changed();
}

void WorkerProcess::take_message(protocol::WorkerMessage message) {
    auto said = protocol::understand(framing_, std::move(message));
    if (auto* reply = std::get_if<protocol::WorkerReply>(&said)) {
        take_reply(std::move(*reply));
    } else if (auto* wrong = std::get_if<protocol::NoMeaning>(&said)) {
        break_off(std::move(wrong->message));
    } else if (has_lived() || reply_) {
        break_off("spoke of its start after it; only the first message may");
    } else if (auto* error = std::get_if<protocol::WorkerInitError>(&said)) {
        init_error_ = std::move(error->failure);
    } else {
        ready_ = true;
    }
}

void WorkerProcess::take_reply(protocol::WorkerReply reply) {
    const bool is_line = framing_ == Framing::lines;
    if (is_line && may_greet()) {
        take_greeting(std::move(reply));
    } else if (reply_ && is_line) {
        break_off(more_than_one_line());
    } else if ((!open_ || coprocess_->unread() > 0) && is_before_first_event()) {
        break_off(what_came_first());
    } else if (!open_ || reply_) {
        break_off("wrote a reply while no event was open");
    } else if (framing_ == Framing::framed && reply.request_id != open_id_) {
        break_off(fmt::format("answered the request id \"{}\" while \"{}\" was open",
                              reply.request_id, open_id_));
    } else if (coprocess_->unread() > 0) {
        break_off(
            fmt::format("completed its reply while {} bytes of the event were unread; it "
                        "must read the whole event first",
                        coprocess_->unread()));
    } else {
        reply_ = std::move(reply);
    }
}

/// The first line of a worker that was told to write one when it is ready.
void WorkerProcess::take_greeting(protocol::WorkerReply line) {
    // What follows is the first that may be out of place.
    first_words_.clear();
    if (line.failure) {
        init_error_ = std::move(line.failure);
    } else {
        ready_ = true;
        journal_.write(line.body + "\n");
    }
}

void WorkerProcess::break_off(std::string what) {
    if (!broken_) broken_ = std::move(what);
}

void WorkerProcess::changed() {
    change_.cancel();
    if (watched_ || !idle_trouble_ || sound()) return;
    std::exchange(idle_trouble_, nullptr)();
}

asio::awaitable<void> WorkerProcess::end(process::StopLadder ladder) {
    const auto self = shared_from_this();
    idle_trouble_ = nullptr;
    coprocess_->close_input();
    co_await coprocess_->stop(std::move(ladder));
    if (!co_await coprocess_->clear(escaped_, empty_limit))
        slot_journal_.warn("processes of a worker that has ended do not end on SIGKILL");
    journal_.end();
}

}  // namespace forklift::handlers
