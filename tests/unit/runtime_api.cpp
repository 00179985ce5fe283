#include "protocol/runtime_api.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <string>

#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

TEST_CASE("the pause between two requests for an event ends when they are called off") {
    boost::asio::io_context loop;
    // Bound and not listening: whoever connects is refused.
    tcp::acceptor taken(loop);
    taken.open(tcp::v4());
    taken.bind({boost::asio::ip::address_v4::loopback(), 0});
    std::string warning;
    RuntimeApi api(loop.get_executor(),
                   "127.0.0.1:" + std::to_string(taken.local_endpoint().port()),
                   [&](const std::string& text) { warning = text; });
    auto next = boost::asio::co_spawn(loop, api.next(), boost::asio::use_future);
    while (!contains(warning, "asking again in 800 ms")) loop.run_one();
    api.cancel();
    // What is ready is run, and nothing is waited for.
    loop.poll();
    REQUIRE(next.wait_for(0s) == std::future_status::ready);
    CHECK(std::holds_alternative<ApiGone>(next.get()));
}
