#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "protocol/host_connector.h"
#include "protocol/http_channel.h"
#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

/// What becomes of a request when the coroutine that waits for it is cancelled, as by Asio's
/// operators for coroutines, or when something throws.
namespace {

/// A server that does nothing unless the test says so.
struct Bench {
    asio::io_context loop;
    tcp::acceptor acceptor{loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::string authority = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());

    HttpChannel channel() {
        return HttpChannel(std::make_unique<HostConnector>(loop.get_executor(), authority),
                           HttpChannel::Connections::kept, "Host: " + authority + "\r\n");
    }

    /// The end of a request that was cancelled once the loop had nothing more to do for it.
    HttpResult cancelled(asio::awaitable<HttpResult> sending) {
        asio::cancellation_signal signal;
        auto result = asio::co_spawn(loop, std::move(sending),
                                     asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        run_until_idle();
        CHECK(result.wait_for(0s) != std::future_status::ready);
        signal.emit(asio::cancellation_type::terminal);
        run_until_idle();
        REQUIRE(result.wait_for(0s) == std::future_status::ready);
        return result.get();
    }

    void run_until_idle() {
        loop.restart();
        while (loop.run_one_for(100ms) > 0) {
        }
    }

    HttpResult answered(asio::awaitable<HttpResult> sending) {
        auto result = asio::co_spawn(loop, std::move(sending), asio::use_future);
        run_until_idle();
        tcp::socket socket = acceptor.accept();
        asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\n"
                                                          "Content-Length: 2\r\n\r\nok")));
        run_until_idle();
        REQUIRE(result.wait_for(0s) == std::future_status::ready);
        return result.get();
    }
};

void check_cancelled(const HttpResult& result) {
    REQUIRE(std::holds_alternative<HttpError>(result));
    CHECK(std::get<HttpError>(result).message == "cancelled");
}

void check_answered(const HttpResult& result) {
    if (const auto* error = std::get_if<HttpError>(&result)) FAIL(error->message);
    CHECK(std::get<HttpResponse>(result).body == "ok");
}

}  // namespace

TEST_CASE("a request of a coroutine that is cancelled is over, and the channel goes on") {
    Bench bench;
    HttpChannel channel = bench.channel();
    HttpRequest request;
    request.target = "/";
    const std::string large(20'000'000, 'x');
    SECTION("while it waits for the answer") {}
    // Nobody reads it.
    SECTION("while it waits to send more") { request.body = large; }
    request.timeout = 10s;
    check_cancelled(bench.cancelled(channel.send(request)));
    bench.acceptor.accept().close();
    request.body.reset();
    check_answered(bench.answered(channel.send(request)));
}

TEST_CASE("a connect of a coroutine that is cancelled is over, and libcurl knows no more of it") {
    Bench bench;
    // Of the addresses for documentation (RFC 5737), from which nothing ever comes.
    HostConnector connector(bench.loop.get_executor(), "192.0.2.1:9");
    asio::cancellation_signal signal;
    auto result = asio::co_spawn(bench.loop, connector.connect(),
                                 asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    bench.loop.poll();
    signal.emit(asio::cancellation_type::terminal);
    bench.run_until_idle();
    REQUIRE(result.wait_for(0s) == std::future_status::ready);
    const auto connected = result.get();
    REQUIRE(std::holds_alternative<HttpError>(connected));
}

TEST_CASE("a connect that is under way when its loop goes is forgotten in order") {
    auto loop = std::make_unique<asio::io_context>();
    auto connector = std::make_unique<HostConnector>(loop->get_executor(), "192.0.2.1:9");
    auto result = asio::co_spawn(*loop, connector->connect(), asio::use_future);
    loop->poll();
    connector.reset();
    loop.reset();
    CHECK(result.valid());
}

TEST_CASE("a socket that the loop cannot wait for is closed") {
    Bench bench;
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    // The loop has it already, and takes none twice.
    asio::posix::stream_descriptor first(bench.loop, ends[0]);
    const auto adopted = adopt_socket(bench.loop.get_executor(), ends[0]);
    REQUIRE(std::holds_alternative<HttpError>(adopted));
    CHECK(contains(std::get<HttpError>(adopted).message, "EEXIST"));
    CHECK(::fcntl(ends[0], F_GETFD) == -1);
    first.release();
    ::close(ends[1]);
}
