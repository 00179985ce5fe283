#include "tests/support/eventually.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

using namespace forklift::test;

namespace {

constexpr std::size_t largest_event = 6 * 1024 * 1024;
constexpr std::size_t largest_answer = 6 * 1024 * 1024 + 100;

/// A JSON string of so many bytes in all, in which no two places look alike.
std::string json_of(std::size_t size) {
    std::string text = "\"";
    for (std::size_t i = 0; text.size() < size - 1; ++i) text += std::to_string(i) + ",";
    text.resize(size - 1);
    return text + "\"";
}

/// The answer of a program that prints the file "answer".
Request answer_from_file(const std::string& text, const Variables& environment = {}) {
    TaskRoot root;
    root.file("answer", text);
    root.script("handler", "exec cat answer");
    return answer_to({}, root, "handler", environment).request;
}

void check_too_large(const Request& request) {
    CHECK(request.path == error_path());
    CHECK(request.header("Lambda-Runtime-Function-Error-Type") == "Function.ResponseSizeTooLarge");
    CHECK(Json(request.body()).text("/errorType") == "Function.ResponseSizeTooLarge");
    CHECK(contains(Json(request.body()).text("/errorMessage"),
                   "exceeded maximum allowed payload size (6291556 bytes)"));
}

/// The bytes that the message says there were.
std::int64_t size_told(const Request& request) {
    const std::string message = Json(request.body()).text("/errorMessage");
    constexpr std::string_view before = "Response payload size (";
    const auto at = message.find(before);
    return at == message.npos ? 0 : std::stoll(message.substr(at + before.size()));
}

}  // namespace

TEST_CASE("the largest event passes byte for byte") {
    const Event event{.payload = json_of(largest_event)};
    const auto request = answer_of_script("exec cat", {}, event).request;
    CHECK(request.path == response_path());
    CHECK((request.body() == event.payload));
}

TEST_CASE("the largest answer passes byte for byte") {
    const auto answer = json_of(largest_answer);
    const auto request = answer_from_file(answer);
    CHECK(request.path == response_path());
    CHECK(request.header("Content-Length") == "6291556");
    CHECK_FALSE(request.header("Expect"));
    CHECK((request.body() == answer));
}

TEST_CASE("an answer of one byte more is never posted") {
    const auto one_more = answer_from_file(json_of(largest_answer + 1));
    check_too_large(one_more);
    CHECK(size_told(one_more) == largest_answer + 1);
}

TEST_CASE("an answer that only its JSON form makes too large is never posted") {
    check_too_large(answer_from_file(std::string(largest_answer, '\\')));
    const auto encoded = answer_from_file(std::string(5'000'000, '\xff'));
    check_too_large(encoded);
    CHECK(size_told(encoded) == 6'666'668 + 2);
    check_too_large(
        answer_from_file(std::string(largest_answer, 'x'), {{"FORKLIFT_OUTPUT", "text"}}));
}

TEST_CASE("the largest text that fits as a JSON string passes") {
    const std::string text(largest_answer - 2, 'x');
    const auto request = answer_from_file(text);
    CHECK(request.path == response_path());
    CHECK((request.body() == "\"" + text + "\""));
}

TEST_CASE("the largest raw answer passes byte for byte") {
    std::string bytes(largest_answer, '\xff');
    bytes[0] = '\0';
    const auto request = answer_from_file(bytes, {{"FORKLIFT_OUTPUT", "raw"}});
    CHECK(request.path == response_path());
    CHECK((request.body() == bytes));
    bytes += '\0';
    check_too_large(answer_from_file(bytes, {{"FORKLIFT_OUTPUT", "raw"}}));
}

TEST_CASE("after an answer that is too large the next event is answered") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.payload = "7000000"});
    server.add({.payload = "1"});
    Bootstrap bootstrap(server, root,
                        root.script("handler", "head -c $(cat) /dev/zero | tr '\\0' 7"));
    check_too_large(server.next_post());
    CHECK(server.next_post().body() == "7");
}

TEST_CASE("a line of a megabyte on stderr arrives whole") {
    const auto posted = answer_of_script("exec " + helper("flood_stderr 1048576 1048576"));
    CHECK(posted.request.body() == "\"flooded\"\n");
    CHECK(contains(posted.errors, std::string(1048575, 'e') + "\n"));
}

TEST_CASE("a hundred megabytes on stderr go by without growth") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec " + helper("flood_stderr 100000000 1000"));
    server.add({});
    Bootstrap bootstrap(server, root, "handler");
    CHECK(server.next_post().body() == "\"flooded\"\n");
    server.wait_until_idle();
    // The answer does not wait for the last of it to be read. A reader that stood still for too
    // long, as this one may on a busy machine, is told what it has missed.
    const auto all_there = [&] { return bootstrap.errors_size() >= 100'000'000; };
    if (!eventually(all_there, std::chrono::seconds(5)))
        CHECK(contains(bootstrap.errors(), "bytes of log were lost here"));
    if (!is_sanitized()) CHECK(peak_resident_kib_of(bootstrap.pid()) < 64 * 1024);
}

TEST_CASE("an answer comes in time although nobody reads stderr, whatever that is") {
    const auto kind = GENERATE(ErrorsKind::pipe, ErrorsKind::socket, ErrorsKind::terminal);
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec " + helper("flood_stderr 100000000 1000"));
    Event event;
    event.time_left = std::chrono::seconds(8);
    server.add(event);
    server.add({.id = "next"});
    const auto start = std::chrono::system_clock::now();
    BootstrapOptions options{.handler = "handler"};
    options.read_errors = false;
    options.errors_kind = kind;
    Bootstrap bootstrap(server, root, options);
    const auto post = server.next_post();
    CHECK(post.received - start < std::chrono::seconds(8));
    CHECK(begins_with(post.path, "/2018-06-01/runtime/invocation/" + event.id));
    if (!is_sanitized()) CHECK(peak_resident_kib_of(bootstrap.pid()) < 64 * 1024);
}

TEST_CASE("a socket as stderr has every line when it is read") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "exec " + helper("flood_stderr 1000000 1000"));
    server.add({});
    BootstrapOptions options{.handler = "handler"};
    options.errors_kind = ErrorsKind::socket;
    Bootstrap bootstrap(server, root, options);
    CHECK(server.next_post().path == response_path());
    CHECK(eventually([&] { return bootstrap.errors_size() >= 1'000'000; }));
    CHECK_FALSE(contains(bootstrap.errors(), "were lost here"));
}
