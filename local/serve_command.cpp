#include "local/serve_command.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <stdexcept>

#include "local/environment_pool.h"
#include "local/event_loop.h"
#include "local/function.h"
#include "local/invoke_server.h"
#include "local/standard_error.h"
#include "local/usage_error.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

std::chrono::milliseconds milliseconds_of(double seconds) {
    return std::chrono::milliseconds(static_cast<long>(seconds * 1000 + 0.5));
}

std::string url_of(const std::string& host, std::uint16_t port) {
    const bool is_v6 = host.find(':') != host.npos;
    return is_v6 ? fmt::format("http://[{}]:{}", host, port)
                 : fmt::format("http://{}:{}", host, port);
}

std::string greeting(const Function& function, const std::string& url) {
    return fmt::format(
        "Forklift serves {0} at {1}\n"
        "Any request there becomes the event of a function URL; an event of your own goes by POST "
        "to {1}/2015-03-31/functions/{2}/invocations\n",
        function.handler, url, function.name);
}

/// In a container this program may be process 1, to which every orphan there goes.
class Orphans {
  public:
    Orphans(asio::io_context& io, process::Reaper& reaper)
        : reaper_(reaper), signals_(io, SIGCHLD) {
        wait();
    }

  private:
    void wait() {
        signals_.async_wait([this](const boost::system::error_code& error, int) {
            if (error) return;
            reaper_.reap_orphans();
            wait();
        });
    }

    process::Reaper& reaper_;
    asio::signal_set signals_;
};

asio::awaitable<void> serve(asio::signal_set& signals, InvokeServer& server, EnvironmentPool& pool,
                            std::chrono::milliseconds stop_grace) {
    server.start();
    pool.warm_up();
    co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    server.drain(std::chrono::steady_clock::now() + stop_grace);
    signals.async_wait([&pool, &server](const boost::system::error_code& error, int) {
        if (error) return;
        pool.kill();
        server.hurry();
    });
    co_await pool.shut_down(stop_grace);
    co_await server.finish();
}

}  // namespace

int run_serve(const ServeOptions& options) {
    const Function function = make_function(options.function);
    process::Reaper reaper;
    asio::io_context io(1);
    std::optional<UnblockedStderr> unblocked_stderr(std::in_place, io);
    // Process 1 of a container does not get a signal that nobody waits for.
    asio::signal_set signals(io, SIGINT, SIGTERM, SIGHUP);
    Orphans orphans(io, reaper);
    EnvironmentPool pool(io.get_executor(), reaper, function, options.concurrency);
    std::optional<InvokeServer> server;
    try {
        server.emplace(io.get_executor(), options, function, pool);
    } catch (const UsageError&) {
        throw;
    } catch (const std::runtime_error& error) {
        write_to_stderr(fmt::format("forklift: {}\n", error.what()));
        return 1;
    }
    write_to_stderr(greeting(function, url_of(options.host, server->port())));
    std::exception_ptr failure;
    run_by_itself(io.get_executor(),
                  serve(signals, *server, pool, milliseconds_of(options.stop_grace_seconds)),
                  [&](std::exception_ptr error) {
                      failure = error;
                      io.stop();
                  });
    run_loop(io);
    unblocked_stderr.reset();
    flush_stderr(log_patience);
    if (failure) std::rethrow_exception(failure);
    return 0;
}

}  // namespace forklift::local
