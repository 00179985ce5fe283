#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "handlers/journal.h"
#include "handlers/line_journal.h"
#include "handlers/port_probe.h"
#include "process/coprocess.h"

namespace forklift::handlers {

/// One web server from its start to its end. What it writes goes to the log.
class ServerProcess : public std::enable_shared_from_this<ServerProcess> {
  public:
    using Clock = std::chrono::steady_clock;

    struct Terms {
        /// Where it is to listen.
        std::uint16_t port = 0;
        process::Coprocess::Escaped escaped = process::Coprocess::Escaped::ended;
    };

    /// Starts `command`. `gone` is called when it has ended; from the loop, and until `end`.
    static std::variant<std::shared_ptr<ServerProcess>, process::SpawnError> start(
        boost::asio::any_io_executor executor, process::Reaper& reaper,
        const process::Command& command, Journal& journal, Terms terms, std::function<void()> gone);

    /// Use `start`.
    ServerProcess(boost::asio::any_io_executor executor, Journal& journal, Terms terms,
                  std::function<void()> gone);

    pid_t pid() const { return coprocess_->pid(); }

    /// Waits until it accepts connections; false when it has ended before that, `limit` has come,
    /// it was called off, or there is an `obstacle`. Says in the log what is waited for when that
    /// takes long.
    boost::asio::awaitable<bool> listening(Clock::time_point limit);

    /// Why nobody can look whether it listens: see PortProbe.
    const std::string& obstacle() const { return probe_.obstacle(); }

    /// "its processes listen on 0.0.0.0:8081 (pid 4711, python3 ...)", or that they do not.
    std::string where_it_listens() const;

    /// Ends `listening`.
    void call_off();

    bool ended() const { return coprocess_->ended(); }
    /// It has not ended, and nobody has begun to stop it.
    bool usable() const { return !ended() && !stopped_; }
    /// Waits for its end, but no longer than `limit`.
    boost::asio::awaitable<bool> ends_within(std::chrono::milliseconds limit);
    /// "ended with exit status 1".
    std::string how_it_ended() const;
    /// It ended as a program does that goes on in the background.
    bool ended_in_success() const { return process::is_success(coprocess_->status()); }
    /// Something of it goes on.
    bool has_left_processes() const;
    std::vector<std::string> last_lines() const { return coprocess_->last_lines(); }

    /// An event begins: the last lines are its own from here, unless the server is still starting.
    void begin_event();
    /// It has answered: everything that it wrote to stderr until now is in the log.
    void finish_event();

    void note_answer() { answered_ = true; }
    bool has_answered() const { return answered_; }
    Clock::duration age() const { return Clock::now() - born_; }

    /// Climbs the ladder; returns when it has ended, or does not end on SIGKILL.
    boost::asio::awaitable<void> stop(process::StopLadder ladder);

    /// The same, and returns when nothing of it is left. Once.
    boost::asio::awaitable<void> end(process::StopLadder ladder);

  private:
    void changed();
    boost::asio::awaitable<void> pause(Clock::time_point until);
    void note_long_start();
    bool is_its(pid_t pid) const;

    LineJournal errors_journal_;
    LineJournal output_journal_;
    Journal& slot_journal_;
    Terms terms_;
    PortProbe probe_;
    std::function<void()> gone_;
    std::shared_ptr<process::Coprocess> coprocess_;
    /// Cancelled when it has ended, or is called off.
    boost::asio::steady_timer change_;
    Clock::time_point born_ = Clock::now();
    bool listening_ = false;
    bool long_start_noted_ = false;
    bool called_off_ = false;
    bool answered_ = false;
    bool stopped_ = false;
};

}  // namespace forklift::handlers
