#include "process/stop_ladder.h"

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <thread>

#include "process/spawn.h"
#include "tests/test.h"

using namespace forklift::process;
using namespace std::chrono_literals;

TEST_CASE("a climb that is over takes no step, not even one whose time has come") {
    Reaper reaper;
    boost::asio::io_context loop;
    const Command command{"/bin/sh", {"sh", "-c", "sleep 60"}, Environment::of_this_process(), ""};
    auto child = std::get<Child>(spawn(loop.get_executor(), reaper, command, {}));
    auto climb = std::make_unique<LadderClimb>(loop.get_executor(), child);
    boost::asio::steady_timer ends_climb(loop, 10ms);
    SECTION("by being cancelled") {
        ends_climb.async_wait([&](boost::system::error_code) { climb->cancel(); });
    }
    SECTION("by being destroyed") {
        ends_climb.async_wait([&](boost::system::error_code) { climb.reset(); });
    }
    climb->begin({{0, 20ms}, {SIGKILL, 10ms}});
    // Both timers are due when the loop looks at them.
    std::this_thread::sleep_for(50ms);
    loop.run_for(100ms);
    CHECK_FALSE(child.has_ended());
}
