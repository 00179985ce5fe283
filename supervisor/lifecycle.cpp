#include "supervisor/lifecycle.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "handlers/context.h"
#include "handlers/fork.h"
#include "handlers/option_table.h"
#include "handlers/resolve.h"
#include "process/reaper.h"
#include "protocol/runtime_api.h"
#include "supervisor/slot.h"

namespace forklift::supervisor {

namespace {

namespace asio = boost::asio;
using handlers::NoSuchHandler;
using handlers::Resolution;
using protocol::Failure;

constexpr std::chrono::milliseconds last_flush_limit{500};

using Plan = std::variant<Resolution, Failure>;

/// What is to be run, or the failure of the init.
Plan make_plan(const process::Environment& environment, Configuration& configuration) {
    if (auto failure = read_options(environment, configuration)) return std::move(*failure);
    auto found =
        handlers::resolve(configuration.handler, configuration.task_root, configuration.path);
    if (auto* missing = std::get_if<NoSuchHandler>(&found)) {
        return Failure{"Runtime.NoSuchHandler", std::move(missing->message), {}};
    }
    return std::get<Resolution>(std::move(found));
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
        Plan plan = make_plan(process::Environment::of_this_process(), configuration);
        if (const auto* failure = std::get_if<Failure>(&plan)) {
            co_return co_await fail_init(*failure);
        }
        auto& resolution = std::get<Resolution>(plan);
        for (const std::string& warning : resolution.warnings) journal_.warn(warning);
        process::Command command{std::move(resolution.program),
                                 std::move(resolution.argv),
                                 handlers::child_environment(),
                                 {}};
        handlers::Fork handler(reaper_, journal_, std::move(command), configuration.options);
        Slot slot(api_, handler, journal_, log_);
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

void print(int fd, const std::string& text) {
    // Whoever closed the other end has seen enough.
    if (::write(fd, text.data(), text.size()) < 0) return;
}

std::string describe_options(const handlers::Options& options) {
    const handlers::Options defaults;
    std::string text = "options\n";
    for (const handlers::Option& option : handlers::option_table()) {
        const std::string value = option.get(options);
        const bool is_default = value == option.get(defaults);
        text += fmt::format("  {:<13} {:<20} {}\n", option.name, value.empty() ? "-" : value,
                            is_default ? "(default)" : "from " + handlers::variable_name(option));
    }
    return text;
}

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

int check(Configuration configuration) {
    const Plan plan = make_plan(process::Environment::of_this_process(), configuration);
    if (const auto* failure = std::get_if<Failure>(&plan)) {
        print(STDERR_FILENO, fmt::format("{}: {}\n", failure->type, failure->message));
        return 1;
    }
    const auto& resolution = std::get<Resolution>(plan);
    std::string text =
        fmt::format("handler   {}\nruns      {}\nbecause   {}\nmode      fork\n",
                    configuration.handler, fmt::join(resolution.argv, " "), resolution.rule);
    for (const std::string& warning : resolution.warnings) text += "warning   " + warning + "\n";
    print(STDOUT_FILENO, text + describe_options(configuration.options));
    return 0;
}

}  // namespace forklift::supervisor
