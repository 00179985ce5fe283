#include <unistd.h>

#include <stdexcept>

#include "tests/support/http_stream.h"
#include "tests/support/served.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::local;
namespace test = forklift::test;
using test::contains;

namespace {

/// What is written to stderr goes to a file, until the object goes.
class CaughtErrors {
  public:
    CaughtErrors() : before_(::dup(STDERR_FILENO)) {
        root_.file("errors", "");
        REQUIRE(::freopen(root_.path_of("errors").c_str(), "a", stderr));
    }
    CaughtErrors(const CaughtErrors&) = delete;
    CaughtErrors& operator=(const CaughtErrors&) = delete;
    ~CaughtErrors() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
    }

    std::string text() const { return test::read_file(root_.path_of("errors")); }

  private:
    int before_;
    test::TaskRoot root_;
};

/// More than the kernel keeps on its way from one socket to another, by far.
constexpr std::size_t large = 64 << 20;

boost::asio::awaitable<HttpReply> answer(HttpRequest request) {
    if (request.target == "/throw") throw std::runtime_error("no sugar left");
    HttpReply reply = json_reply(200, "1");
    if (request.target == "/large") reply.body = std::make_shared<std::string>(large, 'x');
    if (request.target == "/unfit") reply.headers.add("X-Large", std::string(70'000, 'x'));
    co_return reply;
}

}  // namespace

TEST_CASE("a request whose handler throws is answered with 500 and told in the log") {
    const CaughtErrors errors;
    const test::Served served(answer);
    auto stream = test::HttpStream::connect(served.port());
    for (int i = 0; i < 2; ++i) {
        stream.write("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto reply = stream.read_message();
        REQUIRE(reply);
        CHECK(reply->status() == 500);
    }
    CHECK(contains(errors.text(), "could not be served: no sugar left\n"));
    CHECK(test::exchange(served.port(), "GET", "/", {}, "").body == "1");
}

TEST_CASE("a connection that ends because a reply cannot be written is told in the log") {
    const CaughtErrors errors;
    const test::Served served(answer);
    auto stream = test::HttpStream::connect(served.port());
    stream.write("GET /unfit HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_FALSE(stream.read_message());
    // The loop tells it after it has closed the connection, and before it answers again.
    CHECK(test::exchange(served.port(), "GET", "/", {}, "").body == "1");
    CHECK(contains(errors.text(), "could not be served: "));
}

TEST_CASE("a connection that is told to end while its answer goes out ends behind the answer") {
    test::Served served(answer);
    auto stream = test::HttpStream::connect(served.port());
    stream.write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    // The head tells that the handler has returned; most of the body still has to be sent.
    auto reply = stream.read_head();
    REQUIRE(reply);
    served.drain();
    REQUIRE(stream.read_body(*reply));
    CHECK(reply->body.size() == large);
    CHECK(stream.ends_within(std::chrono::seconds(10)));
}
