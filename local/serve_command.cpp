#include "local/serve_command.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <exception>

#include "local/environment_pool.h"
#include "local/function.h"
#include "local/invoke_server.h"
#include "local/journal.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// How long a bootstrap may take to end after SIGTERM.
constexpr auto stop_grace = 1s;

std::string url_of(const std::string& host, std::uint16_t port) {
    const bool is_v6 = host.find(':') != host.npos;
    return is_v6 ? fmt::format("http://[{}]:{}", host, port)
                 : fmt::format("http://{}:{}", host, port);
}

asio::awaitable<void> serve(asio::io_context& io, InvokeServer& server, EnvironmentPool& pool,
                            std::string greeting) {
    asio::signal_set signals(io, SIGINT, SIGTERM, SIGHUP);
    server.start();
    write_to_stderr(greeting);
    pool.warm_up();
    co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    server.stop_accepting();
    signals.async_wait([&pool](const boost::system::error_code& error, int) {
        if (!error) pool.kill();
    });
    co_await pool.shut_down(stop_grace);
    co_await server.finish(500ms);
    io.stop();
}

}  // namespace

int run_serve(const ServeOptions& options) {
    const Function function = make_function(options.function);
    process::Reaper reaper;
    asio::io_context io(1);
    Family family(reaper);
    EnvironmentPool pool(io.get_executor(), family, function, options.concurrency);
    InvokeServer server(io.get_executor(), options.host, options.port, function, pool);
    asio::co_spawn(io,
                   serve(io, server, pool,
                         fmt::format("Forklift serves {} at {}\n", function.handler,
                                     url_of(options.host, server.port()))),
                   [](std::exception_ptr error) {
                       if (error) std::rethrow_exception(error);
                   });
    io.run();
    return 0;
}

}  // namespace forklift::local
