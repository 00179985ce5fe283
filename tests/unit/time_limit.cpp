#include "protocol/time_limit.h"

#include <boost/asio/io_context.hpp>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tests/test.h"

using forklift::protocol::TimeLimit;
using namespace std::chrono_literals;

namespace {

/// A limit in a loop of its own, and how often it was passed.
struct Limited {
    boost::asio::io_context loop;
    int passed = 0;
    std::unique_ptr<TimeLimit> limit =
        std::make_unique<TimeLimit>(loop.get_executor(), [this] { ++passed; });

    void set(std::chrono::milliseconds from_now) { limit->set(TimeLimit::Clock::now() + from_now); }
};

}  // namespace

TEST_CASE("a limit that is passed says so once") {
    Limited limited;
    limited.set(5ms);
    limited.loop.run();
    CHECK(limited.passed == 1);
}

TEST_CASE("a limit that was lifted says nothing") {
    Limited limited;
    limited.set(5ms);
    limited.limit->lift();
    limited.loop.run();
    CHECK(limited.passed == 0);
}

TEST_CASE("a limit is lifted at the end of its scope, be it by an exception") {
    Limited limited;
    const auto fail = [&] {
        const TimeLimit::Scope lifts(*limited.limit);
        limited.set(5ms);
        throw std::runtime_error("");
    };
    CHECK_THROWS(fail());
    limited.loop.run();
    CHECK(limited.passed == 0);
}

TEST_CASE("a later limit in the place of an earlier one is passed at its own time") {
    Limited limited;
    const auto begin = TimeLimit::Clock::now();
    limited.set(5ms);
    limited.limit->lift();
    limited.set(40ms);
    limited.loop.run();
    CHECK(limited.passed == 1);
    CHECK(TimeLimit::Clock::now() - begin >= 40ms);
}

TEST_CASE("an earlier limit in the place of a later one does not wait for it") {
    Limited limited;
    limited.set(1h);
    limited.set(5ms);
    limited.loop.run();
    CHECK(limited.passed == 1);
}

TEST_CASE("a limit that has gone says nothing, not even when its time had come") {
    Limited limited;
    boost::asio::steady_timer ends_it(limited.loop, 5ms);
    ends_it.async_wait([&](boost::system::error_code) { limited.limit.reset(); });
    limited.set(10ms);
    // Both timers are due when the loop looks at them.
    std::this_thread::sleep_for(20ms);
    limited.loop.run();
    CHECK(limited.passed == 0);
}
