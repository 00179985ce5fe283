#include "handlers/restart_pause.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "tests/test.h"

using forklift::handlers::RestartPause;

TEST_CASE("pauses double, each within a quarter of its time, up to the longest") {
    RestartPause pauses;
    auto whole = RestartPause::shortest;
    for (int death = 0; death < 40; ++death) {
        const auto pause = pauses.next();
        CAPTURE(death);
        CHECK(pause >= whole * 3 / 4);
        CHECK(pause <= whole * 5 / 4);
        whole = std::min(2 * whole, RestartPause::longest);
    }
}

TEST_CASE("pauses begin anew after a worker that proved healthy") {
    RestartPause pauses;
    for (int death = 0; death < 5; ++death) pauses.next();
    pauses.reset();
    CHECK(pauses.next() <= RestartPause::shortest * 5 / 4);
}

TEST_CASE("environments that fail together do not pause alike") {
    std::set<std::int64_t> lengths;
    for (int environment = 0; environment < 20; ++environment) {
        RestartPause pauses;
        for (int death = 0; death < 7; ++death) pauses.next();
        lengths.insert(pauses.next().count());
    }
    CHECK(lengths.size() > 1);
}
