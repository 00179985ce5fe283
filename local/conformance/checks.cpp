#include "local/conformance/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "local/conformance/events.h"
#include "protocol/json.h"

namespace forklift::local {

using namespace std::chrono_literals;
using protocol::Framing;
using protocol::Headers;
using Session = ConformanceSession;

namespace {

constexpr auto longest_silence = 200ms;
constexpr auto end_grace = 2000ms;
constexpr int many_events = 1000;

const std::string id_header = "Lambda-Runtime-Aws-Request-Id";
const std::string deadline_header = "Lambda-Runtime-Deadline-Ms";

/// Events that are echoed: one check each, in both framings.
struct EchoCheck {
    const char* description;
    std::vector<std::string> events;
};

const std::vector<EchoCheck> echo_checks = {
    {"events that are no objects", {"null", "true", "0", "\"text\"", "[]", "[[],{}]"}},
    {"characters of two, three and four bytes",
     {"{\"\xc3\xa9\":\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf0\x90\x8d\x88\"}"}},
    {"characters that some take for line ends",
     {"{\"text\":\"\xc2\x85 \xe2\x80\xa8 \xe2\x80\xa9 \x7f\"}"}},
    {"escaped characters",
     {R"({"text":"\" \\ \/ \b \f \n \r \t \u0000 \u001f \u00e9 \u20ac","\u006eame":1})"}},
    {"escaped surrogate pairs", {R"({"text":"\ud83d\ude00 \uD800\uDF48"})"}},
    {"white space between the tokens",
     {" {\r\n\t\"a\" : [ 1 ,\n 2 ] ,\r\n\r\n \"b c\" : \" d \" } \n"}},
    {"numbers large and small",
     {R"({"a":12345678901234567890,"b":-9007199254740993,"c":1e300,"d":2.5e-10,"e":-0.0,"f":1E2})"}},
    {"values nested 200 deep", {nested_event(200)}},
    {"an object of 1000 members", {event_with_members(1000)}},
    {"names of the protocol in an event",
     {R"({"errorType":"A"})", R"({"stackTrace":[],"errorMessage":"b"})",
      R"({"Content-Length":"5\r\n\r\nhello"})"}}};

std::chrono::milliseconds grace(const Session& session) {
    return std::min<std::chrono::milliseconds>(end_grace, session.timeout());
}

/// How long to listen for what should not come.
std::chrono::milliseconds silence(const Session& session) {
    return std::min<std::chrono::milliseconds>(longest_silence, session.timeout() / 10);
}

void start_quietly(Session& session) {
    session.start();
    session.expect_silence(silence(session));
}

void stay_quiet(Session& session) {
    session.expect_echo(R"({"idle":true})");
    session.expect_silence(silence(session));
}

void take_empty_event(Session& session) { session.expect_echo("", Expect::echo_or_error); }

void take_binary_events(Session& session) {
    for (const std::string& event : binary_events())
        session.expect_echo(event, Expect::echo_or_error);
}

void take_many_events(Session& session) {
    for (int i = 1; i <= many_events; ++i)
        session.expect_echo(fmt::format(R"({{"number":{}}})", i));
}

void expect_failure(Session& session, const std::string& text) {
    const auto reply = session.ask(make_event(R"({"fail":)" + protocol::json_string(text) + "}"));
    if (!reply.failure) {
        session.fail("the function has not failed",
                     "an error whose message is the event's member \"fail\"");
    }
    if (reply.failure->message != text) {
        session.fail(
            "the error has another message: " + protocol::json_string(reply.failure->message),
            "the message " + protocol::json_string(text));
    }
}

void fail_when_told(Session& session) {
    expect_failure(session, "it broke");
    session.expect_echo(R"({"after":"a failure"})");
    for (int i = 0; i < 20; ++i) expect_failure(session, fmt::format("failure {}", i));
}

void fail_with_any_text(Session& session) {
    expect_failure(session, "\"quotes\" \\ and\nline ends\r\n");
    expect_failure(session, "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    expect_failure(session, std::string(100'000, 'x'));
}

/// Gives the worker this event with nothing but these headers.
void take_headers(Session& session, Headers headers, const std::string& payload) {
    protocol::Invocation event;
    event.id = headers.find(id_header).value();
    event.headers = std::move(headers);
    event.payload = payload;
    session.expect_echo(event);
}

void take_request_ids(Session& session) {
    for (const std::string id :
         {"8476a536-e9f4-11e8-9739-2dfe598c3fcd", "8476A536-E9F4-11E8-9739-2DFE598C3FCD", "1",
          "an.id_of+another/form="}) {
        take_headers(session, {{id_header, id}}, R"({"id":"repeated"})");
    }
}

std::string milliseconds_from_now(std::chrono::milliseconds time) {
    const auto then = std::chrono::system_clock::now().time_since_epoch() + time;
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(then).count());
}

void take_deadlines(Session& session) {
    for (const auto left : {std::chrono::milliseconds(500), std::chrono::milliseconds(15min)}) {
        auto event = make_event(R"({"deadline":true})");
        event.headers = {{id_header, event.id}, {deadline_header, milliseconds_from_now(left)}};
        session.expect_echo(event);
    }
}

void take_unknown_headers(Session& session) {
    auto event = make_event(R"({"headers":"unknown"})");
    event.headers.add("Lambda-Runtime-Something-New", "a: b; c=\"d\"");
    event.headers.add("Lambda-Runtime-Empty", "");
    event.headers.add("Lambda-Runtime-Long", std::string(8000, 'x'));
    event.headers.add("Lambda-Runtime-Not-Ascii", "caf\xc3\xa9");
    session.expect_echo(event);
}

void take_few_headers(Session& session) {
    take_headers(session, {{id_header, make_event("").id}}, R"({"headers":"few"})");
}

void take_lower_case_headers(Session& session) {
    const std::string id = make_event("").id;
    take_headers(session,
                 {{"lambda-runtime-aws-request-id", id}, {"LAMBDA-RUNTIME-DEADLINE-MS", "1"}},
                 R"({"headers":"lower case"})");
}

void take_bare_line_feeds(Session& session) {
    const auto event = make_event(R"({"line ends":"bare"})");
    std::string request = std::get<std::string>(protocol::worker_request(Framing::framed, event));
    request.erase(std::remove(request.begin(), request.end(), '\r'), request.end());
    session.check_echo(event, session.ask(event.id, std::move(request)));
}

/// Asks at another pace than the pipes would have.
void ask_slowly(Session& session, Pace writing, Pace reading, const protocol::Invocation& event) {
    session.worker().set_pace(writing, reading);
    session.add_time(5s);
    session.expect_echo(event);
    session.worker().set_pace({}, {});
    session.add_time(0s);
}

void read_byte_by_byte(Session& session) {
    auto event = make_event(R"({"slow":true})");
    event.headers = {{id_header, event.id}};
    ask_slowly(session, {1, 200us}, {}, event);
}

void read_in_pieces(Session& session) {
    ask_slowly(session, {8192, 1ms}, {}, make_event(event_of_size(300'000)));
}

void write_to_slow_reader(Session& session) {
    ask_slowly(session, {}, {8192, 1ms}, make_event(event_of_size(300'000)));
}

void end_at_end_of_file(Session& session) {
    auto& worker = session.worker();
    worker.close_stdin();
    const auto status = worker.wait_for_end(Session::Clock::now() + grace(session));
    const std::string expected = "its end with exit status 0";
    if (!status) session.fail("the worker was still there after end-of-file on stdin", expected);
    if (!process::is_success(*status))
        session.fail("the worker ended with " + process::describe(*status), expected);
    if (worker.pending() > 0) session.fail("bytes came after end-of-file on stdin", "none");
    session.drop_worker();
}

void end_at_sigterm(Session& session) {
    auto& worker = session.worker();
    worker.signal(SIGTERM);
    if (!worker.wait_for_end(Session::Clock::now() + grace(session)))
        session.fail("the worker was still there after SIGTERM", "its end");
    session.drop_worker();
}

void leave_nothing_behind(Session& session) {
    auto& worker = session.worker();
    worker.close_stdin();
    const auto limit = Session::Clock::now() + grace(session);
    if (!worker.wait_for_end(limit))
        session.fail("the worker was still there after end-of-file on stdin", "its end");
    if (!worker.group_is_empty(limit)) {
        session.fail("processes of the worker's group were still there after its end",
                     "none, because Forklift would have to kill them");
    }
    session.drop_worker();
}

void add_echoes(std::vector<ConformanceCheck>& checks) {
    checks.push_back({"an event of no bytes", take_empty_event});
    for (const std::size_t size : event_sizes()) {
        checks.push_back({fmt::format("an event of {} byte{}", size, size == 1 ? "" : "s"),
                          [size](Session& session) { session.expect_echo(event_of_size(size)); }});
    }
    for (const EchoCheck& check : echo_checks) {
        checks.push_back({check.description, [&check](Session& session) {
                              for (const std::string& event : check.events)
                                  session.expect_echo(event);
                          }});
    }
}

void add_headers(std::vector<ConformanceCheck>& checks) {
    checks.insert(checks.end(),
                  {{"events that are not JSON", take_binary_events},
                   {"the request id is repeated as it is", take_request_ids},
                   {"a deadline that is near, and one that is far", take_deadlines},
                   {"headers that are not known", take_unknown_headers},
                   {"no headers but the request id", take_few_headers},
                   {"header names in any case", take_lower_case_headers},
                   {"header lines that end with a bare line feed", take_bare_line_feeds}});
}

}  // namespace

std::vector<ConformanceCheck> conformance_checks(Framing framing) {
    std::vector<ConformanceCheck> checks = {
        {"nothing on stdout before the first event, but that the worker is ready", start_quietly},
        {"the first event", [](Session& session) { session.worker(); }}};
    add_echoes(checks);
    if (framing == Framing::framed) add_headers(checks);
    checks.insert(checks.end(),
                  {{"an error when the function fails, and answers after it", fail_when_told},
                   {"an error with any text", fail_with_any_text},
                   {"1000 events, each with its own answer", take_many_events},
                   {"a request that comes byte by byte", read_byte_by_byte},
                   {"a large request that comes in pieces", read_in_pieces},
                   {"a large reply that is read slowly", write_to_slow_reader},
                   {"nothing on stdout between two events", stay_quiet},
                   {"end-of-file on stdin ends the worker with status 0", end_at_end_of_file},
                   {"SIGTERM ends the worker", end_at_sigterm},
                   {"no process of the worker's group is left", leave_nothing_behind}});
    return checks;
}

}  // namespace forklift::local
