#include "supervisor/lifecycle.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <memory>

#include "handlers/context.h"
#include "handlers/fork.h"
#include "handlers/recipe.h"
#include "handlers/records.h"
#include "process/reaper.h"
#include "protocol/runtime_api.h"
#include "supervisor/plan.h"
#include "supervisor/slot.h"

namespace forklift::supervisor {

namespace {

namespace asio = boost::asio;
using protocol::Failure;

constexpr std::chrono::milliseconds last_flush_limit{500};

std::unique_ptr<handlers::Handler> make_handler(process::Reaper& reaper, handlers::Journal& journal,
                                                const handlers::Recipe& recipe) {
    if (recipe.options().records.empty())
        return std::make_unique<handlers::Fork>(reaper, journal, recipe);
    return std::make_unique<handlers::Records>(reaper, journal, recipe);
}

/// The objects of one environment, in the order in which they depend on each other.
class Environment {
  public:
    Environment(asio::io_context& loop, const Configuration& configuration)
        : log_(loop.get_executor(), STDERR_FILENO, configuration.log_format,
               configuration.log_level),
          journal_(log_),
          api_(loop.get_executor(), configuration.runtime_api,
               [this](const std::string& trouble) { journal_.warn(trouble); }),
          signals_(loop, SIGTERM, SIGINT) {}

    asio::awaitable<int> serve(Configuration configuration) {
        auto made = make_plan(process::Environment::of_this_process(), configuration);
        if (const auto* failure = std::get_if<PlanFailure>(&made)) {
            co_return co_await fail_init(failure->as_failure());
        }
        auto& plan = std::get<Plan>(made);
        for (const std::string& warning : plan.resolution.warnings) journal_.warn(warning);
        const handlers::Recipe recipe(std::move(plan.resolution), std::move(plan.options),
                                      handlers::child_environment(), configuration.task_root);
        const auto handler = make_handler(reaper_, journal_, recipe);
        Slot slot(api_, *handler, journal_, log_);
        end_on_signal(slot);
        const auto gone = co_await slot.serve();
        signals_.cancel();
        if (gone) journal_.record(LogLevel::fatal, gone->message);
        co_await log_.flushed(last_flush_limit);
        co_return gone ? 1 : 0;
    }

  private:
    asio::awaitable<int> fail_init(Failure failure) {
        journal_.record(LogLevel::fatal, fmt::format("{}: {}", failure.type, failure.message));
        const auto posted = co_await api_.post_init_error(failure);
        if (const auto* refused = std::get_if<protocol::Refused>(&posted)) {
            journal_.record(LogLevel::error, "the init error was not taken: " + refused->message);
        }
        co_await log_.flushed(last_flush_limit);
        co_return 1;
    }

    void end_on_signal(Slot& slot) {
        signals_.async_wait([&slot](boost::system::error_code error, int) {
            if (!error) slot.stop();
        });
    }

    process::Reaper reaper_;
    Log log_;
    SlotJournal journal_;
    protocol::RuntimeApi api_;
    asio::signal_set signals_;
};

}  // namespace

int run_environment(Configuration configuration) {
    asio::io_context loop(1);
    Environment environment(loop, configuration);
    int status = 1;
    asio::co_spawn(loop, environment.serve(std::move(configuration)),
                   [&](std::exception_ptr exception, int result) {
                       if (exception) std::rethrow_exception(exception);
                       status = result;
                       loop.stop();
                   });
    loop.run();
    return status;
}

}  // namespace forklift::supervisor
