#include "handlers/fork.h"

#include "handlers/context.h"
#include "handlers/time_budget.h"
#include "handlers/verdict.h"

namespace forklift::handlers {

boost::asio::awaitable<protocol::Outcome> Fork::run(const protocol::Invocation& invocation) {
    const TimeBudget budget =
        for_one_run(time_budget(invocation.deadline, recipe_.options()), recipe_.options());
    if (budget.spent) {
        co_return out_of_time("Lambda's deadline had passed before the program could be started",
                              {});
    }
    Event event(invocation.payload);
    auto environment = with_context(recipe_.environment(), invocation, journal_);
    co_return co_await job_.run(event, std::move(environment), budget);
}

}  // namespace forklift::handlers
