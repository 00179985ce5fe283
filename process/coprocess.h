#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "process/child.h"
#include "process/command.h"
#include "process/reaper.h"
#include "process/spawn_error.h"
#include "process/stderr_stream.h"
#include "process/stop_ladder.h"

namespace forklift::process {

/// A child that stays: bytes go to its stdin and come from its stdout for as long as it lives. It
/// is made to be let go of by `clear`, once it has ended.
class Coprocess : public std::enable_shared_from_this<Coprocess> {
  public:
    /// What its owner is told of. Called from the loop, until `clear`.
    struct Events {
        /// Bytes of stdout.
        std::function<void(std::string_view)> output;
        /// `ended` or `output_closed` has become true, or a `send` has come to its end.
        std::function<void()> changed;
    };

    /// `reaper` and `errors` must outlive the child.
    static std::variant<std::shared_ptr<Coprocess>, SpawnError> start(
        boost::asio::any_io_executor executor, Reaper& reaper, const Command& command,
        StderrSink& errors, Events events);

    /// Takes over a child just started and our ends of its pipes; use `start`.
    Coprocess(boost::asio::any_io_executor executor, Reaper& reaper, Child child, UniqueFd in,
              UniqueFd out, UniqueFd err, StderrSink& errors, Events events);

    pid_t pid() const { return child_->pid(); }
    const Mark& mark() const { return child_->mark(); }

    /// Begins to write `bytes` to stdin; the last ones must have been sent. Bytes that a child does
    /// not take because it has closed its stdin are counted as unread.
    void send(std::string bytes);
    /// Bytes of the last `send` that are not in the pipe yet.
    std::size_t unsent() const { return outgoing_.size() - sent_; }
    /// Bytes of the last `send` that the child has not read.
    std::size_t unread() const;
    /// The child has closed its stdin, or we have.
    bool input_closed() const { return input_broken_; }

    /// End of file on stdin, after what has been sent.
    void close_input();

    /// Bytes stand in stdout that `Events::output` has not been given yet.
    bool has_output() const;

    /// The child has ended, and all that it wrote has been handed on.
    bool ended() const { return ended_; }
    /// How it has ended.
    ExitStatus status() const { return *status_; }
    /// Nobody holds its stdout open for writing any more.
    bool output_closed() const { return output_closed_; }
    /// Not empty when the child was killed because what it wrote could not be kept: what ran out.
    const std::string& exhausted() const { return exhausted_; }

    /// Hands on what is in stderr by now, so that it stands in the log before what follows.
    void hand_on_stderr() { errors_.read_what_is_there(); }
    /// The last lines of stderr since `forget_lines`.
    std::vector<std::string> last_lines() const { return errors_.last_lines(); }
    void forget_lines() { errors_.forget_lines(); }

    /// Climbs the ladder, unless that has begun; returns when the child has ended, or true is not
    /// to be had any more.
    boost::asio::awaitable<bool> stop(StopLadder ladder);

    /// What becomes of processes that the child has started and that have left its process group.
    enum class Escaped { ended, kept };

    /// Kills what is left of the process group, reaps the child, and closes everything. Returns
    /// false when a process that was to end does not within `limit`. Call it once, after `stop` has
    /// returned.
    boost::asio::awaitable<bool> clear(Escaped escaped, std::chrono::milliseconds limit);

  private:
    void read_output();
    /// Returns false at the end of file.
    bool read_some();
    void take_output(std::string_view bytes);
    void write_some();
    boost::asio::awaitable<void> watch();
    void read_what_is_left();
    void give_up(std::exception_ptr error);
    void note_change();

    Reaper& reaper_;
    std::optional<Child> child_;
    boost::asio::posix::stream_descriptor in_;
    boost::asio::posix::stream_descriptor out_;
    StderrStream errors_;
    LadderClimb climb_;
    /// Cancelled when the child has ended, or is given up.
    boost::asio::steady_timer over_;
    Events events_;
    std::string outgoing_;
    std::size_t sent_ = 0;
    bool close_when_sent_ = false;
    bool input_broken_ = false;
    bool output_closed_ = false;
    bool ended_ = false;
    bool given_up_ = false;
    std::optional<ExitStatus> status_;
    std::string exhausted_;
    std::array<char, 65536> buffer_;
};

}  // namespace forklift::process
