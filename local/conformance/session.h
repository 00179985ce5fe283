#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "local/conformance/tap_report.h"
#include "local/conformance/worker_under_test.h"
#include "process/command.h"
#include "protocol/invocation.h"
#include "protocol/worker_message.h"

namespace forklift::local {

/// Thrown by a check that does not pass.
struct CheckFailed {
    Finding finding;
};

/// Thrown when there is no use in further checks.
struct BailOut {
    std::string reason;
};

/// What the answer to an event has to be. A function that needs JSON may fail for other events.
enum class Expect { echo, echo_or_error };

/// A worker that checks ask, one event after another. One that failed a check is replaced for the
/// next, so that a check depends on nothing before it.
class ConformanceSession {
  public:
    using Clock = WorkerUnderTest::Clock;

    ConformanceSession(WorkerSurroundings& surroundings, process::Command command,
                       protocol::Framing framing, std::chrono::milliseconds timeout);

    protocol::Framing framing() const { return framing_; }
    /// How long the worker may take for an event.
    std::chrono::milliseconds timeout() const { return timeout_; }
    /// More time for the events to come, which take longer by the kit's own doing.
    void add_time(std::chrono::milliseconds time) { added_time_ = time; }

    /// A new worker that has been told nothing. Throws CannotStart.
    WorkerUnderTest& start();
    /// The worker, started where there is none, that has answered its first event.
    WorkerUnderTest& worker();
    void drop_worker() { worker_.reset(); }
    /// Asks the worker, if there is one, for one more answer: it must still be in step.
    void probe();

    /// Gives the event to the worker and returns its reply, which follows the protocol.
    protocol::WorkerReply ask(const protocol::Invocation& event);
    /// The same for a request that is written already.
    protocol::WorkerReply ask(std::string_view id, std::string request);

    /// The reply must be the event itself.
    void expect_echo(const protocol::Invocation& event, Expect expect = Expect::echo);
    void expect_echo(std::string payload, Expect expect = Expect::echo);
    void check_echo(const protocol::Invocation& event, const protocol::WorkerReply& reply,
                    Expect expect = Expect::echo) const;

    /// Nothing may come on stdout for so long, but that a new worker is ready.
    void expect_silence(std::chrono::milliseconds time);

    /// Throws CheckFailed, with what went over the pipes last.
    [[noreturn]] void fail(std::string message, std::string expected) const;

  private:
    void first_event();
    protocol::WorkerReply receive_reply(std::chrono::milliseconds limit);
    std::optional<protocol::WorkerReply> read_message(protocol::WorkerMessage message);
    void check_reply(std::string_view id, const protocol::WorkerReply& reply);
    [[noreturn]] void fail_without_reply(std::chrono::milliseconds limit);
    [[noreturn]] void fail_closed();
    /// BailOut when no worker has ever said anything.
    [[noreturn]] void give_up(std::string message, std::string expected);

    WorkerSurroundings& surroundings_;
    process::Command command_;
    protocol::Framing framing_;
    std::chrono::milliseconds timeout_;
    std::chrono::milliseconds added_time_{0};
    std::optional<WorkerUnderTest> worker_;
    /// What the worker at hand has said so far.
    bool is_ready_ = false;
    bool has_replied_ = false;
    /// Some worker has replied since the beginning.
    bool any_replied_ = false;
    int probes_ = 0;
    std::string sent_;
};

/// An event as Lambda gives it, with an id of its own and every usual header.
protocol::Invocation make_event(std::string payload);

}  // namespace forklift::local
