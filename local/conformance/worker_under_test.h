#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "local/stop_signals.h"
#include "process/child.h"
#include "process/command.h"
#include "process/reaper.h"
#include "process/unique_fd.h"
#include "protocol/worker_reader.h"

namespace forklift::local {

/// What a worker needs around it, for the whole run of the kit.
struct WorkerSurroundings {
    boost::asio::io_context io{1};
    process::Reaper reaper;
    StopSignals stop_signals;
};

/// A worker that cannot be started.
struct CannotStart {
    std::string reason;
};

/// How bytes go through a pipe: so many at a time, with a pause after each.
struct Pace {
    std::size_t piece = 65536;
    std::chrono::microseconds pause{0};
};

/// What came of waiting for a message.
struct Nothing {};
/// The worker closed its stdout.
struct Closed {};
/// The framing is broken; `mistake` says how.
struct Broken {
    std::string mistake;
};
using Received = std::variant<protocol::WorkerMessage, Nothing, Closed, Broken>;

/// A worker at the other end of two pipes, asked from one thread: every wait has a limit, and a
/// signal for this program ends it with `Interrupted`. The worker's stderr is this program's. What
/// is left of its process group is killed when the object goes.
class WorkerUnderTest {
  public:
    using Clock = std::chrono::steady_clock;

    /// Throws CannotStart.
    WorkerUnderTest(WorkerSurroundings& surroundings, const process::Command& command,
                    protocol::Framing framing);
    WorkerUnderTest(const WorkerUnderTest&) = delete;
    WorkerUnderTest& operator=(const WorkerUnderTest&) = delete;
    ~WorkerUnderTest();

    void set_pace(Pace writing, Pace reading);

    /// Leaves the bytes to be written while `receive` waits.
    void send(std::string bytes);
    /// Writes what was sent, reads what comes, and returns with a message, or with Nothing at
    /// `limit`.
    Received receive(Clock::time_point limit);

    /// Bytes of what was sent that the worker has not read.
    std::size_t unread() const;
    /// Bytes that have come and belong to no message received.
    std::size_t pending() const { return reader_.pending(); }
    /// The first bytes that came since the last `send`, for messages to people.
    const std::string& came() const { return came_; }

    void close_stdin();
    /// Signals the process group.
    void signal(int number);
    /// Reads and drops what the worker writes until it has ended; nothing if it has not by `limit`.
    std::optional<process::ExitStatus> wait_for_end(Clock::time_point limit);
    /// Whether the process group is empty by `limit`; the worker itself must have ended.
    bool group_is_empty(Clock::time_point limit);

  private:
    bool has_to_write() const { return in_ && written_ < outgoing_.size(); }
    /// One wait for the pipes, until `limit` at the latest.
    void turn(Clock::time_point limit);
    void write_some();
    void read_some();

    WorkerSurroundings& surroundings_;
    process::UniqueFd in_;
    process::UniqueFd out_;
    std::optional<process::Child> child_;
    pid_t group_ = 0;
    std::optional<process::ExitStatus> status_;
    protocol::WorkerReader reader_;
    std::string came_;
    std::string outgoing_;
    std::size_t written_ = 0;
    Pace writing_;
    Pace reading_;
    Clock::time_point write_at_;
    Clock::time_point read_at_;
};

}  // namespace forklift::local
