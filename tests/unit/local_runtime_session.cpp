#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "local/runtime_session.h"
#include "protocol/limits.h"
#include "tests/test.h"

using namespace forklift::local;
using namespace std::chrono_literals;

namespace {

/// A session whose coroutines run on a loop of their own.
struct Bench {
    boost::asio::io_context io;
    RuntimeSession session{io.get_executor(), 3000ms, [] {}};

    void poll(std::optional<HttpReply>& reply) {
        boost::asio::co_spawn(io, session.next(), [&](std::exception_ptr error, HttpReply next) {
            if (!error) reply = std::move(next);
        });
        run();
    }
    void run() {
        io.restart();
        io.poll();
    }
    void offer(const char* id) {
        auto invocation = std::make_shared<Invocation>();
        invocation->request_id = id;
        invocation->payload = std::make_shared<const std::string>("event");
        session.offer(std::move(invocation));
        run();
    }
    /// Offers an event and has the runtime take it.
    void deliver(const char* id) {
        std::optional<HttpReply> reply;
        poll(reply);
        offer(id);
    }
};

HttpRequest body(std::string text) {
    HttpRequest request;
    request.body_size = text.size();
    request.body = std::move(text);
    return request;
}

}  // namespace

TEST_CASE("a poll waits for the next event") {
    Bench bench;
    std::optional<HttpReply> reply;
    bench.poll(reply);
    CHECK(bench.session.is_ready());
    CHECK_FALSE(reply);
    bench.offer("1");
    REQUIRE(reply);
    CHECK(reply->status == 200);
    CHECK(*reply->body == "event");
    CHECK(reply->headers.find("Lambda-Runtime-Aws-Request-Id") == "1");
    CHECK(reply->headers.find("Lambda-Runtime-Invocation-Id"));
    CHECK_FALSE(reply->headers.find("Lambda-Runtime-Trace-Id"));
}

TEST_CASE("an answer is taken once and for its own event alone") {
    Bench bench;
    bench.deliver("1");
    CHECK(bench.session.post_response("2", body("wrong")).status == 400);
    HttpRequest stale = body("stale");
    stale.headers.add("lambda-runtime-invocation-id", "of another attempt");
    CHECK(bench.session.post_response("1", std::move(stale)).status == 410);
    CHECK_FALSE(bench.session.is_answered());
    CHECK(bench.session.post_response("1", body("right")).status == 202);
    CHECK(bench.session.post_response("1", body("again")).status == 403);
    CHECK(bench.session.post_error("1", body("again")).status == 403);
    bench.offer("2");
    CHECK(bench.session.post_response("2", body("not taken yet")).status == 400);
    CHECK_FALSE(bench.session.is_answered());
}

TEST_CASE("an answer over the limit is refused and the caller told") {
    Bench bench;
    bench.deliver("1");
    HttpRequest large;
    large.body_size = forklift::protocol::max_response_bytes + 1;
    CHECK(bench.session.post_response("1", std::move(large)).status == 413);
    REQUIRE(bench.session.is_answered());
    CHECK(bench.session.take_answer().error_type == "Function.ResponseSizeTooLarge");
}

TEST_CASE("an error is passed on as it is with the type the platform knows") {
    Bench bench;
    bench.deliver("1");
    HttpRequest error = body("{\"errorType\":\"Mine\"}");
    error.headers.add("Lambda-Runtime-Function-Error-Type", "nothing known");
    CHECK(bench.session.post_error("1", std::move(error)).status == 202);
    const Answer answer = bench.session.take_answer();
    CHECK(answer.error_type == "Runtime.Unknown");
    CHECK(answer.payload == "{\"errorType\":\"Mine\"}");
}

TEST_CASE(
    "an error in the trailers of an answer takes its place, and in the headers means nothing") {
    Bench bench;
    bench.deliver("1");
    HttpRequest broken = body("half");
    broken.trailers = {{"lambda-runtime-function-error-type", "Function.HalfWay"},
                       {"Lambda-Runtime-Function-Error-Body", "eyJhIjoxfQ=="}};
    CHECK(bench.session.post_response("1", std::move(broken)).status == 202);
    Answer answer = bench.session.take_answer();
    CHECK(answer.error_type == "Function.HalfWay");
    CHECK(answer.payload == R"({"a":1})");

    bench.deliver("2");
    HttpRequest whole = body("whole");
    whole.headers.add("Lambda-Runtime-Function-Error-Type", "Function.HalfWay");
    CHECK(bench.session.post_response("2", std::move(whole)).status == 202);
    answer = bench.session.take_answer();
    CHECK_FALSE(answer.is_error());
    CHECK(answer.payload == "whole");
}

TEST_CASE("a failed init is reported before the first poll or not at all") {
    Bench failed;
    CHECK(failed.session.post_init_error(body("{}")).status == 202);
    REQUIRE(failed.session.init_error());
    CHECK(failed.session.post_init_error(body("{}")).status == 403);
    Bench polled;
    std::optional<HttpReply> reply;
    polled.poll(reply);
    CHECK(polled.session.post_init_error(body("{}")).status == 403);
}

TEST_CASE("closing sends whoever waits away") {
    Bench bench;
    std::optional<HttpReply> reply;
    bench.poll(reply);
    bench.session.close();
    bench.run();
    REQUIRE(reply);
    CHECK(reply->status == 500);
}
