#include "local/body_budget.h"

#include "tests/support/eventually.h"
#include "tests/support/http_stream.h"
#include "tests/support/served.h"
#include "tests/test.h"

using namespace forklift::local;
using namespace std::chrono_literals;
namespace test = forklift::test;

namespace {

/// More than the kernel keeps on its way from one socket to another, by far.
constexpr std::size_t large = 64 << 20;

boost::asio::awaitable<HttpReply> answer(HttpRequest request) {
    if (request.crowded_out) co_return json_reply(503, "503");
    if (request.target == "/large") co_return json_reply(200, std::string(large, 'x'));
    co_return json_reply(200, std::to_string(request.body.size()));
}

constexpr HttpLimits limits{.max_body = 600, .patience = {}, .max_bodies = 1000};

test::HttpStream begin_post(const test::Served& served, std::size_t length, std::size_t sent) {
    auto stream = test::HttpStream::connect(served.port());
    stream.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) +
                 "\r\n\r\n" + std::string(sent, 'x'));
    return stream;
}

int status_of(test::HttpStream& stream) {
    const auto reply = stream.read_message();
    return reply ? reply->status() : 0;
}

/// Whether a body of that size has room now.
bool has_room(const test::Served& served, std::size_t size) {
    auto stream = begin_post(served, size, size);
    return status_of(stream) == 200;
}

}  // namespace

TEST_CASE("what is taken of a budget is given back when its share goes") {
    BodyBudget budget(10);
    BodyBudget::Share kept(budget);
    {
        BodyBudget::Share share(budget);
        CHECK(share.take(6));
        CHECK(kept.take(4));
        CHECK_FALSE(share.take(1));
        CHECK(budget.has_room(0));
    }
    CHECK(budget.has_room(6));
    CHECK_FALSE(budget.has_room(7));
    kept.take_anyway(20);
    CHECK_FALSE(budget.has_room(0));
    kept.give_back();
    CHECK(budget.has_room(10));
}

TEST_CASE("a request for whose body there is no room is answered before it is sent") {
    const test::Served served(answer, limits);
    auto slow = begin_post(served, 600, 599);
    CHECK(test::eventually([&] { return !has_room(served, 500); }));
    // It waits for 100 Continue, and is not told to go on.
    auto polite = test::HttpStream::connect(served.port());
    polite.write(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\nExpect: 100-continue\r\n\r\n");
    const auto refused = polite.read_message();
    REQUIRE(refused);
    CHECK(refused->status() == 503);
    CHECK(refused->header("Connection") == "close");
    CHECK(has_room(served, 400));
    slow.write("x");
    CHECK(slow.read_message()->body == "600");
    CHECK(has_room(served, 600));
}

TEST_CASE("a body without a length is counted as it comes") {
    const test::Served served(answer, limits);
    {
        auto slow = begin_post(served, 600, 599);
        CHECK(test::eventually([&] { return !has_room(served, 500); }));
        auto chunked = test::HttpStream::connect(served.port());
        chunked.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 5; ++i) chunked.write("64\r\n" + std::string(100, 'x') + "\r\n");
        REQUIRE(chunked.is_readable_within(10s));
        CHECK(status_of(chunked) == 503);
    }
    // What a client had sent that has gone is given back.
    CHECK(test::eventually([&] { return has_room(served, 600); }));
}

TEST_CASE("a body that is too large takes no more room than it is kept") {
    const test::Served served(answer, limits);
    auto too_large = begin_post(served, 10'000, 9'999);
    CHECK(has_room(served, 600));
    too_large.write("x");
    CHECK(too_large.read_message()->body == "0");
}

TEST_CASE("an answer that its client does not read is counted as well") {
    const test::Served served(answer, limits);
    {
        auto lazy = test::HttpStream::connect(served.port());
        lazy.write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        REQUIRE(lazy.read_head());
        CHECK_FALSE(has_room(served, 0));
    }
    CHECK(test::eventually([&] { return has_room(served, 600); }));
}
