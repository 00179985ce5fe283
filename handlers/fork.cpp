#include "handlers/fork.h"

#include "handlers/context.h"
#include "handlers/time_budget.h"
#include "handlers/verdict.h"

namespace forklift::handlers {

namespace asio = boost::asio;

namespace {

/// How long SIGKILL may take to empty a process group before the next event goes first.
constexpr std::chrono::milliseconds empty_limit{200};

}  // namespace

Fork::Fork(process::Reaper& reaper, Journal& journal, process::Command command, Options options)
    : reaper_(reaper),
      journal_(journal),
      command_(std::move(command)),
      base_environment_(std::move(command_.environment)),
      options_(std::move(options)) {}

asio::awaitable<protocol::Outcome> Fork::run(const protocol::Invocation& invocation) {
    const TimeBudget budget = time_budget(invocation.deadline, options_);
    if (budget.spent) {
        co_return out_of_time("Lambda's deadline had passed before the program could be started",
                              {});
    }
    Options options = options_;
    options.stop_margin = budget.margin;
    command_.environment = with_context(base_environment_, invocation);
    auto result = co_await process::run(reaper_, command_, invocation.payload, budget.limits,
                                        journal_, stop_switch_);
    if (const auto* error = std::get_if<process::SpawnError>(&result)) {
        co_return not_started(*error, command_);
    }
    auto& run = std::get<process::Run>(result);
    last_group_ = run.group;
    co_return judge(std::move(run), options);
}

asio::awaitable<void> Fork::settle() {
    if (last_group_ != 0) {
        const pid_t group = std::exchange(last_group_, 0);
        if (!co_await reaper_.empty_group(group, empty_limit)) {
            journal_.warn("processes that the program left behind do not end on SIGKILL");
        }
    }
    reaper_.reap_orphans();
}

}  // namespace forklift::handlers
