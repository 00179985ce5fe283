#include "handlers/time_budget.h"

#include <csignal>
#include <numeric>

#include "tests/test.h"

using namespace forklift::handlers;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

TimeBudget budget_for(milliseconds left, const Options& options = {}) {
    return time_budget(std::chrono::system_clock::now() + left, options);
}

milliseconds until_stop(const TimeBudget& budget) {
    return std::chrono::duration_cast<milliseconds>(budget.limits.stop_at -
                                                    std::chrono::steady_clock::now());
}

milliseconds length_of_ladder(const TimeBudget& budget) {
    milliseconds sum{0};
    for (const auto& step : budget.limits.ladder) sum += step.grace;
    return sum;
}

}  // namespace

TEST_CASE("a program is stopped one margin before the deadline") {
    const auto budget = budget_for(10s);
    CHECK_FALSE(budget.spent);
    CHECK(until_stop(budget) <= 9700ms);
    CHECK(until_stop(budget) > 9000ms);
    CHECK(budget.margin == 300ms);
}

TEST_CASE("the ladder ends before the margin does") {
    Options options;
    for (const auto margin : {0ms, 1ms, 10ms, 300ms, 5000ms}) {
        for (const auto grace : {0ms, 1ms, 200ms, 10'000ms}) {
            options.stop_margin = margin;
            options.stop_grace = grace;
            const auto budget = budget_for(60s, options);
            CAPTURE(margin.count(), grace.count());
            REQUIRE(budget.limits.ladder.size() == 2);
            CHECK(budget.limits.ladder[0].signal == SIGTERM);
            CHECK(budget.limits.ladder[1].signal == SIGKILL);
            CHECK(budget.limits.ladder[0].grace <= grace);
            CHECK(length_of_ladder(budget) <= std::max(margin, 1ms));
        }
    }
}

TEST_CASE("a margin longer than the time leaves the program half of it") {
    const auto budget = budget_for(200ms);
    CHECK(budget.margin <= 100ms);
    CHECK(until_stop(budget) > 0ms);
}

TEST_CASE("a deadline that has passed leaves no time") {
    CHECK(budget_for(0ms).spent);
    CHECK(budget_for(-1h).spent);
}

TEST_CASE("without a deadline there is no end but there is a ladder") {
    const auto budget = time_budget(std::nullopt, {});
    CHECK_FALSE(budget.spent);
    CHECK(budget.limits.stop_at == std::chrono::steady_clock::time_point::max());
    CHECK_FALSE(budget.limits.ladder.empty());
}
