#include "local/conformance/session.h"

#include <fmt/format.h>

#include <utility>

#include "local/identifiers.h"
#include "protocol/json_equal.h"
#include "protocol/json_value.h"

namespace forklift::local {

using namespace std::chrono_literals;
using protocol::Framing;
using protocol::WorkerReply;

namespace {

/// What Lambda gives an init.
constexpr auto start_limit = 10s;
/// How long a worker that closed its stdout may take to end.
constexpr auto end_limit = 1s;

std::string in_seconds(std::chrono::milliseconds time) {
    return fmt::format("{} s", static_cast<double>(time.count()) / 1000);
}

bool same_value(std::string_view payload, std::string_view body) {
    if (payload == body) return true;
    const auto value = protocol::JsonValue::parse(payload);
    const auto answer = protocol::JsonValue::parse(body);
    return value && answer && protocol::json_equal(*value, *answer);
}

std::string more_bytes(std::size_t count) {
    return fmt::format("{} byte{} came", count, count == 1 ? "" : "s");
}

std::string describe(const protocol::Failure& failure) {
    return failure.type + ": " + failure.message;
}

}  // namespace

protocol::Invocation make_event(std::string payload) {
    protocol::Invocation event;
    event.id = make_uuid();
    event.payload = std::move(payload);
    const auto deadline = std::chrono::system_clock::now() + 60s;
    event.headers = {{"Lambda-Runtime-Aws-Request-Id", event.id},
                     {"Lambda-Runtime-Deadline-Ms",
                      std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                         deadline.time_since_epoch())
                                         .count())},
                     {"Lambda-Runtime-Invoked-Function-Arn",
                      "arn:aws:lambda:us-east-1:012345678912:function:conformance"},
                     {"Lambda-Runtime-Trace-Id", make_trace_id()}};
    return event;
}

ConformanceSession::ConformanceSession(WorkerSurroundings& surroundings, process::Command command,
                                       Framing framing, std::chrono::milliseconds timeout)
    : surroundings_(surroundings),
      command_(std::move(command)),
      framing_(framing),
      timeout_(timeout) {}

WorkerUnderTest& ConformanceSession::start() {
    worker_.reset();
    is_ready_ = has_replied_ = false;
    added_time_ = 0ms;
    sent_.clear();
    return worker_.emplace(surroundings_, command_, framing_);
}

WorkerUnderTest& ConformanceSession::worker() {
    if (!worker_) start();
    if (!has_replied_) first_event();
    return *worker_;
}

void ConformanceSession::first_event() {
    const auto event = make_event(R"({"name":"Ada"})");
    expect_silence(0ms);
    sent_ = std::get<std::string>(protocol::worker_request(framing_, event));
    worker_->send(sent_);
    const WorkerReply reply = receive_reply(timeout_ + start_limit);
    check_reply(event.id, reply);
    check_echo(event, reply);
}

void ConformanceSession::probe() {
    if (!worker_ || !has_replied_) return;
    try {
        expect_echo(fmt::format(R"({{"probe":{}}})", ++probes_));
    } catch (CheckFailed& failed) {
        failed.finding.message = "after this check, in one more event: " + failed.finding.message;
        throw;
    }
}

WorkerReply ConformanceSession::ask(const protocol::Invocation& event) {
    return ask(event.id, std::get<std::string>(protocol::worker_request(framing_, event)));
}

WorkerReply ConformanceSession::ask(std::string_view id, std::string request) {
    worker();
    expect_silence(0ms);
    sent_ = std::move(request);
    worker_->send(sent_);
    WorkerReply reply = receive_reply(timeout_ + added_time_);
    check_reply(id, reply);
    return reply;
}

void ConformanceSession::expect_echo(const protocol::Invocation& event, Expect expect) {
    check_echo(event, ask(event), expect);
}

void ConformanceSession::expect_echo(std::string payload, Expect expect) {
    expect_echo(make_event(std::move(payload)), expect);
}

void ConformanceSession::check_echo(const protocol::Invocation& event, const WorkerReply& reply,
                                    Expect expect) const {
    const std::string& payload = event.payload;
    if (reply.failure && expect == Expect::echo_or_error) return;
    if (reply.failure)
        fail("the function failed: " + describe(*reply.failure), "the event as the answer");
    if (reply.too_large) fail("the answer is many times larger than the event", "the event");
    if (payload.empty() && (reply.body == "null" || reply.body == "\"\"")) return;
    if (same_value(payload, reply.body)) return;
    throw CheckFailed{{"the answer is not the event", payload, reply.body,
                       "the event, in any form that is the same JSON"}};
}

void ConformanceSession::fail(std::string message, std::string expected) const {
    throw CheckFailed{
        {std::move(message), sent_, worker_ ? worker_->came() : "", std::move(expected)}};
}

void ConformanceSession::expect_silence(std::chrono::milliseconds time) {
    const Received received = worker_->receive(Clock::now() + time);
    if (const auto* message = std::get_if<protocol::WorkerMessage>(&received)) {
        if (!read_message(*message)) return;
        fail("a reply came when no event was open", "nothing on stdout between two events");
    }
    if (const auto* broken = std::get_if<Broken>(&received))
        fail(broken->mistake, "a message of the protocol");
    if (std::holds_alternative<Closed>(received)) fail_closed();
    if (worker_->pending() > 0) {
        fail(fmt::format("{} when no event was open", more_bytes(worker_->pending())),
             "nothing on stdout between two events");
    }
}

WorkerReply ConformanceSession::receive_reply(std::chrono::milliseconds limit) {
    const auto give_up_at = Clock::now() + limit;
    while (true) {
        Received received = worker_->receive(give_up_at);
        if (const auto* broken = std::get_if<Broken>(&received))
            fail(broken->mistake, "a message of the protocol");
        if (std::holds_alternative<Closed>(received)) fail_closed();
        if (std::holds_alternative<Nothing>(received)) fail_without_reply(limit);
        auto& message = std::get<protocol::WorkerMessage>(received);
        if (auto reply = read_message(std::move(message))) return std::move(*reply);
    }
}

/// The reply, or nothing when the worker says that it is ready.
std::optional<WorkerReply> ConformanceSession::read_message(protocol::WorkerMessage message) {
    auto said = protocol::understand(framing_, std::move(message));
    if (auto* reply = std::get_if<WorkerReply>(&said)) return std::move(*reply);
    if (const auto* nothing = std::get_if<protocol::NoMeaning>(&said))
        fail(nothing->message, "a message of the protocol");
    if (const auto* error = std::get_if<protocol::WorkerInitError>(&said)) {
        const std::string words = "the worker says that it cannot start: ";
        if (!any_replied_) throw BailOut{words + describe(error->failure)};
        fail(words + describe(error->failure), "a reply");
    }
    if (is_ready_ || has_replied_)
        fail("the worker says once more, or too late, that it is ready", "a reply");
    is_ready_ = true;
    return std::nullopt;
}

void ConformanceSession::check_reply(std::string_view id, const WorkerReply& reply) {
    if (framing_ == Framing::framed && reply.request_id != id) {
        fail(fmt::format("the reply has the request id {}", reply.request_id),
             fmt::format("the id of the request, {}", id));
    }
    if (const auto unread = worker_->unread(); unread > 0) {
        fail(
            fmt::format("the reply was complete when {} bytes of the request, of {}, were not read",
                        unread, sent_.size()),
            "a worker that reads the whole request before it completes the reply");
    }
    if (worker_->pending() > 0) {
        fail(fmt::format("{} after the reply", more_bytes(worker_->pending())),
             "nothing more before the next request");
    }
    has_replied_ = any_replied_ = true;
}

void ConformanceSession::fail_without_reply(std::chrono::milliseconds limit) {
    std::string message = "no reply came within " + in_seconds(limit);
    if (worker_->unread() > 0) {
        message += fmt::format("; {} bytes of the request, of {}, were not read", worker_->unread(),
                               sent_.size());
    }
    if (worker_->pending() > 0) {
        message += fmt::format("; {} bytes of it are there, and {} is missing", worker_->pending(),
                               framing_ == Framing::lines ? "the line feed" : "the rest");
    }
    give_up(std::move(message), "a reply");
}

void ConformanceSession::fail_closed() {
    const auto status = worker_->wait_for_end(Clock::now() + end_limit);
    give_up(status ? "the worker ended: " + process::describe(*status)
                   : "the worker closed its stdout and went on",
            "a worker that is there until end-of-file or SIGTERM");
}

void ConformanceSession::give_up(std::string message, std::string expected) {
    if (!any_replied_ && worker_->came().empty()) throw BailOut{std::move(message)};
    fail(std::move(message), std::move(expected));
}

}  // namespace forklift::local
