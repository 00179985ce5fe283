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
#include "handlers/http.h"
#include "handlers/recipe.h"
#include "handlers/records.h"
#include "handlers/worker.h"
#include "process/reaper.h"
#include "protocol/runtime_api.h"
#include "supervisor/plan.h"
#include "supervisor/slot.h"

namespace forklift::supervisor {

namespace {

namespace asio = boost::asio;
using protocol::Failure;

constexpr std::chrono::milliseconds last_flush_limit{500};

/// How long SIGKILL may take, where there is nobody left to answer to.
constexpr std::chrono::milliseconds hang_up_limit{500};

/// Whoever has us ignore it, as nohup(1) does, means that we outlive it.
bool is_ignored(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// The objects of one environment, in the order in which they depend on each other.
class Environment {
  public:
    Environment(asio::io_context& loop, const Configuration& configuration)
        : loop_(loop),
          log_(loop.get_executor(), STDERR_FILENO, configuration.log_format,
               configuration.log_level),
          journal_(log_),
          api_(loop.get_executor(), configuration.runtime_api,
               [this](const std::string& trouble) { journal_.warn(trouble); }),
          signals_(loop, SIGTERM, SIGINT),
          hang_up_(loop) {
        if (!is_ignored(SIGHUP)) hang_up_.add(SIGHUP);
    }

    asio::awaitable<int> serve(Configuration configuration) {
        end_on_hang_up();
        auto made = make_plan(process::Environment::of_this_process(), configuration);
        if (const auto* failure = std::get_if<PlanFailure>(&made)) {
            for (const std::string& warning : failure->warnings) journal_.warn(warning);
            const int status = co_await fail_init(failure->as_failure());
            co_await log_.flushed(last_flush_limit);
            co_return status;
        }
        auto& plan = std::get<Plan>(made);
        for (const std::string& warning : plan.resolution.warnings) journal_.warn(warning);
        const handlers::Recipe recipe(std::move(plan.resolution), std::move(plan.options),
                                      handlers::child_environment(), configuration.task_root);
        const auto handler = make_handler(recipe);
        Slot slot(api_, *handler, journal_, log_);
        slot_ = &slot;
        end_on_signal();
        const int status = co_await serve_events(*handler, slot);
        slot_ = nullptr;
        signals_.cancel();
        co_await handler->end();
        if (hung_up_) co_await reaper_.end_all(hang_up_limit);
        co_await log_.flushed(last_flush_limit);
        co_return status;
    }

  private:
    asio::awaitable<int> serve_events(handlers::Handler& handler, Slot& slot) {
        if (auto failure = co_await handler.start()) co_return co_await fail_init(*failure);
        const auto gone = co_await slot.serve();
        if (hopeless_) co_return co_await fail_init(*hopeless_);
        if (gone) journal_.record(LogLevel::fatal, gone->message);
        co_return gone ? 1 : 0;
    }

    std::unique_ptr<handlers::Handler> make_handler(const handlers::Recipe& recipe) {
        if (recipe.options().mode == handlers::Mode::worker) {
            return std::make_unique<handlers::Worker>(
                loop_.get_executor(), reaper_, journal_, recipe,
                [this](Failure failure) { give_up(std::move(failure)); });
        }
        if (recipe.options().mode == handlers::Mode::http) {
            return std::make_unique<handlers::Http>(loop_.get_executor(), reaper_, journal_,
                                                    recipe);
        }
        if (!recipe.options().records.empty())
            return std::make_unique<handlers::Records>(reaper_, journal_, recipe);
        return std::make_unique<handlers::Fork>(reaper_, journal_, recipe);
    }

    /// The function will never answer, which was found out after the first event was asked for.
    void give_up(Failure failure) {
        hopeless_ = std::move(failure);
        slot_->stop();
    }

    asio::awaitable<int> fail_init(Failure failure) {
        journal_.record(LogLevel::fatal, fmt::format("{}: {}", failure.type, failure.message));
        const auto posted = co_await api_.post_init_error(failure);
        if (const auto* refused = std::get_if<protocol::Refused>(&posted)) {
            journal_.record(LogLevel::error, "the init error was not taken: " + refused->message);
        }
        co_return 1;
    }

    void end_on_signal() {
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (!error && slot_) slot_->stop();
        });
    }

    void end_on_hang_up() {
        hang_up_.async_wait([this](boost::system::error_code error, int) {
            if (error) return;
            // Nothing is to be started in place of what is killed.
            hung_up_ = true;
            if (slot_) slot_->stop();
            asio::co_spawn(loop_, reaper_.end_all(hang_up_limit),
                           [this](std::exception_ptr, bool) { loop_.stop(); });
        });
    }

    asio::io_context& loop_;
    process::Reaper reaper_;
    Log log_;
    SlotJournal journal_;
    protocol::RuntimeApi api_;
    asio::signal_set signals_;
    /// Of forklift, when it is gone: see `process::Command::death_signal`.
    asio::signal_set hang_up_;
    bool hung_up_ = false;
    /// Until it has served: a signal may be told of in the turn of the loop in which it ends.
    Slot* slot_ = nullptr;
    std::optional<Failure> hopeless_;
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
