#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "handlers/journal.h"
#include "handlers/line_journal.h"
#include "process/coprocess.h"
#include "protocol/worker_message.h"
#include "protocol/worker_reader.h"

namespace forklift::handlers {

/// How a conversation about one event ended.
namespace conversation {

/// The worker has answered.
struct Answered {
    protocol::WorkerReply reply;
};
/// It has said that it cannot start.
struct CannotStart {
    protocol::Failure failure;
};
/// It does not keep to the protocol any more; the words say what it did.
struct Broken {
    std::string what;
};
/// It went away. `not_begun`: without having read a byte of the request.
struct Gone {
    std::string how;
    bool not_begun = false;
};
/// Its time was over, and it has been stopped; the words say how far it was.
struct TimedOut {
    std::string what;
};
/// It was called off, and has been stopped.
struct CalledOff {};
/// What it wrote could not be kept, and it has been killed; the words say what ran out.
struct Exhausted {
    std::string what;
};

using End = std::variant<Answered, CannotStart, Broken, Gone, TimedOut, CalledOff, Exhausted>;

}  // namespace conversation

/// One worker from its start to its end, and the conversation with it: docs/worker-protocol.md.
class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
  public:
    using Clock = std::chrono::steady_clock;

    struct Terms {
        protocol::Framing framing = protocol::Framing::lines;
        /// Bytes that a reply may have.
        std::size_t max_reply = 0;
        /// In `lines`: its first line says that it is ready, and is no reply.
        bool greets = false;
        process::Coprocess::Escaped escaped = process::Coprocess::Escaped::ended;
    };

    /// Starts `command`. `idle_trouble` is called when the worker goes away or breaks the protocol
    /// while no event is open; from the loop, and once.
    static std::variant<std::shared_ptr<WorkerProcess>, process::SpawnError> start(
        boost::asio::any_io_executor executor, process::Reaper& reaper,
        const process::Command& command, Journal& journal, Terms terms,
        std::function<void()> idle_trouble);

    /// Use `start`.
    WorkerProcess(boost::asio::any_io_executor executor, Journal& journal, Terms terms,
                  std::function<void()> idle_trouble);

    /// Waits until the worker has said that it is ready; how it ended when it never will.
    boost::asio::awaitable<std::optional<conversation::End>> ready();

    /// Puts the event to the worker, for which none may be open. Whatever the end but Answered,
    /// the worker is of no further use.
    boost::asio::awaitable<conversation::End> answer(std::string request, std::string request_id,
                                                     Clock::time_point stop_at,
                                                     process::StopLadder ladder);

    /// Ends `ready` and `answer` with CalledOff.
    void call_off();

    /// It lives, and has said nothing unasked that we have heard of.
    bool sound() const;
    /// It is sound, and nothing unasked stands in its stdout either.
    bool usable() const;
    /// Why it is of no use: waits a moment for the end of one that closed a pipe.
    boost::asio::awaitable<conversation::End> trouble();
    bool ended() const { return coprocess_->ended(); }

    pid_t pid() const { return coprocess_->pid(); }
    std::size_t answered() const { return answered_; }
    /// It has said that it is ready, or answered.
    bool has_lived() const { return ready_ || answered_ > 0; }
    Clock::duration age() const { return Clock::now() - born_; }
    /// The last lines of its stderr, of this event or since its start.
    std::vector<std::string> last_lines() const { return coprocess_->last_lines(); }

    /// End of file on its stdin, then the ladder; returns when nothing of it is left. Once.
    boost::asio::awaitable<void> end(process::StopLadder ladder);

  private:
    void take_output(std::string_view bytes);
    void take_message(protocol::WorkerMessage message);
    void take_reply(protocol::WorkerReply reply);
    void take_greeting(protocol::WorkerReply line);
    void break_off(std::string what);
    bool is_before_first_event() const;
    std::string what_came_first() const;
    std::string more_than_one_line() const;
    void changed();
    /// There is nothing more to wait for.
    bool settled() const;
    bool gone() const;
    bool may_greet() const;
    boost::asio::awaitable<void> wait_until(Clock::time_point time);
    boost::asio::awaitable<void> wait_for_end();
    conversation::End how_it_ended(std::size_t request_size);
    std::string how_it_went() const;
    std::string how_far_it_was() const;

    LineJournal journal_;
    Journal& slot_journal_;
    protocol::Framing framing_;
    bool greets_;
    process::Coprocess::Escaped escaped_;
    protocol::WorkerReader reader_;
    std::function<void()> idle_trouble_;
    std::shared_ptr<process::Coprocess> coprocess_;
    /// Cancelled when something has changed.
    boost::asio::steady_timer change_;
    Clock::time_point born_ = Clock::now();
    std::string open_id_;
    bool open_ = false;
    /// Somebody waits for what it says next.
    bool watched_ = false;
    bool ready_ = false;
    bool called_off_ = false;
    std::size_t answered_ = 0;
    std::optional<protocol::WorkerReply> reply_;
    std::optional<protocol::Failure> init_error_;
    std::optional<std::string> broken_;
    /// The beginning of what it wrote to stdout before it had answered anything.
    std::string first_words_;
};

}  // namespace forklift::handlers
