#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// A Runtime API that has a bad day, or only speaks HTTP in its own way.
namespace {

/// Two events, the first post answered by `reply`: the second event must be answered all the same.
void check_goes_on_after(const Reply& reply, const std::string& script = "cat") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.payload = "1", .id = "first"});
    server.add({.payload = "2", .id = "second"});
    server.add_post(reply);
    Bootstrap bootstrap(server, root, root.script("handler", script));
    server.next_post();
    CHECK(server.next_post().path == response_path("second"));
    server.wait_until_idle();
    CHECK(server.posts().size() == 2);
    // Not a silent loss: the log names the event and the status.
    CHECK(eventually([&] { return contains(bootstrap.errors(), "first"); }));
    if (reply.manner == Manner::answers)
        CHECK(
            eventually([&] { return contains(bootstrap.errors(), std::to_string(reply.status)); }));
}

/// The end of a bootstrap that can do no more.
Finished end_after_next(const Reply& reply, int times) {
    RuntimeApiServer server;
    TaskRoot root;
    for (int i = 0; i < times; ++i) server.add_next(reply);
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    auto finished = bootstrap.wait();
    CHECK(server.posts().empty());
    return finished;
}

std::string error_json(const std::string& type, const std::string& message) {
    return R"({"errorType":")" + type + R"(","errorMessage":")" + message + "\"}";
}

}  // namespace

TEST_CASE("an answer that Lambda finds too large is logged and not sent again") {
    check_goes_on_after({413, error_json("RequestEntityTooLarge", "Exceeded maximum")});
}

TEST_CASE("an answer that comes after the deadline is logged and not sent again") {
    check_goes_on_after({410, error_json("InvokeTimeout", "Invoke timeout")});
}

TEST_CASE("an answer to an unknown id is logged and not sent again") {
    check_goes_on_after({400, error_json("InvalidRequestID", "Invalid request ID")});
}

TEST_CASE("an answer in the wrong state is logged and not sent again") {
    check_goes_on_after({403, error_json("InvalidStateTransition", "Transition failed")});
}

TEST_CASE("a refusal whose body is no JSON is survived") {
    check_goes_on_after({400, "<html>"});
    check_goes_on_after({413, ""});
    check_goes_on_after({404, std::string("\0\xff", 2)});
}

TEST_CASE("a 500 to an answer ends the process with a message") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({});
    server.add({});
    server.add_post({500, error_json("InternalServerError", "Internal Server Error")});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    server.next_post();
    const auto finished = bootstrap.wait();
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "500"));
    CHECK(server.posts().size() == 1);
    CHECK(server.polls() == 1);
}

TEST_CASE("a 500 to the request for an event ends the process at once") {
    const auto finished = end_after_next({500, error_json("InternalServerError", "Container")}, 1);
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "500"));
}

TEST_CASE("a refused request for an event is repeated and then given up") {
    const auto finished = end_after_next({403, error_json("InvalidStateTransition", "No")}, 50);
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "403"));
    CHECK(contains(finished.errors, "InvalidStateTransition"));
}

TEST_CASE("a request for an event that is refused once is repeated") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add_next({403, error_json("InvalidStateTransition", "No")});
    server.add({.payload = "1"});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    CHECK(server.next_post().body() == "1");
}

TEST_CASE("an event that was only half sent is not run") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add_next({200, "", Manner::closes_without_answer});
    server.add_next({200, "", Manner::resets_before_body});
    server.add({.payload = "1"});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    CHECK(server.next_post().body() == "1");
    server.wait_until_idle();
    CHECK(server.posts().size() == 1);
}

TEST_CASE("an event without an id is never answered") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add_next({200, "{}"});
    server.add({.payload = "1", .id = "real"});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    CHECK(server.next_post().path == response_path("real"));
    server.wait_until_idle();
    CHECK(server.posts().size() == 1);
}

TEST_CASE("a connection that closed after the event is replaced and the answer delivered once") {
    RuntimeApiServer server;
    TaskRoot root;
    for (int i = 1; i <= 3; ++i) {
        Event event{.payload = std::to_string(i), .id = "id-" + std::to_string(i)};
        event.manner = Manner::answers_and_closes;
        server.add(event);
    }
    Bootstrap bootstrap(server, root, root.script("handler", "sleep 0.1; cat"));
    for (int i = 1; i <= 3; ++i) {
        const auto post = server.next_post();
        CHECK(post.path == response_path("id-" + std::to_string(i)));
        CHECK(post.body() == std::to_string(i));
        CHECK(post.connection == i + 1);
    }
    server.wait_until_idle();
    CHECK(server.posts().size() == 3);
}

TEST_CASE("a large answer survives a connection that closed after the event") {
    RuntimeApiServer server;
    TaskRoot root;
    Event event;
    event.manner = Manner::answers_and_closes;
    server.add(event);
    root.script("handler", "head -c 6000000 /dev/zero | tr '\\0' x");
    Bootstrap bootstrap(server, root, "handler");
    const auto answer = "\"" + std::string(6'000'000, 'x') + "\"";
    CHECK((server.next_post().body() == answer));
    server.wait_until_idle();
    CHECK(server.posts().size() == 1);
}

TEST_CASE("an answer that was read and not acknowledged is never sent twice") {
    check_goes_on_after({202, "", Manner::closes_without_answer});
}

TEST_CASE("an answer that was read before it was acknowledged is never sent twice") {
    check_goes_on_after({202, "", Manner::resets_unacknowledged});
}

TEST_CASE("an answer whose connection is reset while it is sent is never sent twice") {
    check_goes_on_after({202, "", Manner::resets_before_body});
    check_goes_on_after({202, "", Manner::resets_before_body},
                        "head -c 6000000 /dev/zero | tr '\\0' x");
}

TEST_CASE("an error that was read and not acknowledged is never sent twice") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.id = "first"});
    server.add({.id = "second"});
    server.add_post({202, "", Manner::closes_without_answer});
    Bootstrap bootstrap(server, root, root.script("handler", "exit 1"));
    CHECK(server.next_post().path == error_path("first"));
    CHECK(server.next_post().path == error_path("second"));
    server.wait_until_idle();
    CHECK(server.posts().size() == 2);
}

TEST_CASE("the next event is not asked for before the answer is taken") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.id = "first"});
    server.add({.id = "second"});
    server.add_post({202, "{}", Manner::holds});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    CHECK(server.next_post().path == response_path("first"));
    CHECK(server.polls() == 1);
    server.release();
    CHECK(server.next_post().path == response_path("second"));
    CHECK(server.requests().at(2).path == "/2018-06-01/runtime/invocation/next");
}

TEST_CASE("a server that closes after every answer is served") {
    RuntimeApiServer server;
    TaskRoot root;
    for (int i = 0; i < 5; ++i) {
        Event event{.payload = std::to_string(i)};
        event.manner = Manner::answers_and_closes;
        server.add(event);
        server.add_post({202, "{}", Manner::answers_and_closes});
    }
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    for (int i = 0; i < 5; ++i) CHECK(server.next_post().body() == std::to_string(i));
    server.wait_until_idle();
    CHECK(server.posts().size() == 5);
}

TEST_CASE("an event in chunks is an event like any other") {
    RuntimeApiServer server;
    TaskRoot root;
    Event event{.payload = "\"" + std::string(500'000, 'c') + "\""};
    event.manner = Manner::answers_in_chunks;
    server.add(event);
    server.add_post({202, "{\"status\":\"OK\"}", Manner::answers_in_chunks});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    CHECK((server.next_post().body() == event.payload));
    server.wait_until_idle();
}

TEST_CASE("a request id with strange characters stays in its place in the path") {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.id = "a/../b?c#d e%41"});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    CHECK(server.next_post().path == response_path("a%2F..%2Fb%3Fc%23d%20e%2541"));
}

TEST_CASE("proxies in the environment are ignored") {
    Variables environment{{"no_proxy", ""}, {"NO_PROXY", ""}};
    for (const auto* name :
         {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
        environment[name] = "http://127.0.0.1:1/garbage";
    CHECK(answer_of_script("echo 1", environment).request.body() == "1\n");
}

TEST_CASE("a server that is not there yet is waited for") {
    RuntimeApiServer server(RuntimeApiServer::Start::later);
    TaskRoot root;
    server.add({.payload = "1"});
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    // By its own words bootstrap has been refused before the server is there.
    bootstrap.wait_for_errors(server.address());
    server.listen();
    CHECK(server.next_post().body() == "1");
}

TEST_CASE("a server that stays away is given up with a message") {
    RuntimeApiServer server(RuntimeApiServer::Start::later);
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "cat"));
    const auto finished = bootstrap.wait();
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, server.address()));
}

TEST_CASE("an init error that nobody takes still ends the process with a message") {
    for (const auto& reply :
         {Reply{403, "{}"}, Reply{500, "{}"}, Reply{202, "", Manner::closes_without_answer}}) {
        RuntimeApiServer server;
        TaskRoot root;
        server.add_post(reply);
        Bootstrap bootstrap(server, root, "no-such-handler");
        const auto finished = bootstrap.wait();
        CHECK(finished.exit == 1);
        CHECK(contains(finished.errors, "no-such-handler"));
        CHECK(server.posts().size() == 1);
    }
}
