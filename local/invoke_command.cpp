#include "local/invoke_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <system_error>

#include "local/environment_pool.h"
#include "local/event_input.h"
#include "local/function.h"
#include "local/identifiers.h"
#include "local/invoke_api.h"
#include "local/usage_error.h"
#include "protocol/base64.h"
#include "protocol/http_field.h"
#include "protocol/json.h"
#include "protocol/limits.h"

namespace forklift::local {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto stop_grace = 1s;

std::string read_client_context(const std::string& text) {
    if (text.empty()) return {};
    const std::string base64 = protocol::is_json(text) ? protocol::base64_encode(text) : text;
    auto context = decode_client_context(base64);
    if (!context) {
        throw UsageError("--client-context: it should be a JSON object, or the base64 of one");
    }
    if (base64.size() > protocol::max_client_context_bytes) {
        throw UsageError(
            fmt::format("--client-context: it has {} bytes in base64; Lambda takes {} at most",
                        base64.size(), protocol::max_client_context_bytes));
    }
    return *context;
}

/// The runtime gets it as the value of a header.
std::string check_header(const char* option, const std::string& value) {
    if (!protocol::is_field_value(value))
        throw UsageError(fmt::format("{}: it must be one line of text", option));
    if (value.size() > protocol::max_field_bytes) {
        throw UsageError(fmt::format("{}: it has {} bytes; a header may have {}", option,
                                     value.size(), protocol::max_field_bytes));
    }
    return value;
}

std::shared_ptr<const Invocation> make_invocation(const InvokeOptions& options,
                                                  const Function& function) {
    auto invocation = std::make_shared<Invocation>();
    std::string event = read_event(options.event);
    invocation->request_id = make_uuid();
    invocation->function_arn = function.arn();
    invocation->trace_id = check_header("--trace-id", options.trace_id);
    if (invocation->trace_id.empty()) invocation->trace_id = make_trace_id();
    invocation->client_context = read_client_context(options.client_context);
    invocation->cognito_identity = check_header("--cognito-identity", options.cognito_identity);
    invocation->tenant_id = check_header("--tenant-id", options.tenant_id);
    invocation->payload = std::make_shared<const std::string>(std::move(event));
    return invocation;
}

void print(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            throw std::system_error(errno, std::system_category(), "cannot write the answer");
        }
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// The one run of `forklift invoke`, and what a signal makes of it.
struct InvokeRun {
    EnvironmentPool& pool;
    asio::signal_set signals;
    int exit_status = 0;
    bool interrupted = false;

    /// The first signal ends the function in order, the second at once.
    void await_signal() {
        signals.async_wait([this](const boost::system::error_code& error, int number) {
            if (error) return;
            if (interrupted) return pool.kill();
            interrupted = true;
            exit_status = 128 + number;
            asio::co_spawn(signals.get_executor(), pool.shut_down(stop_grace), asio::detached);
            await_signal();
        });
    }

    asio::awaitable<void> run(asio::io_context& io, std::shared_ptr<const Invocation> invocation) {
        await_signal();
        const std::optional<Answer> answer = co_await pool.invoke(std::move(invocation));
        if (answer && !interrupted) {
            exit_status = answer->is_error() ? 1 : 0;
            print(answer->payload);
            if (::isatty(STDOUT_FILENO)) print("\n");
        }
        co_await pool.shut_down(stop_grace);
        io.stop();
    }
};

}  // namespace

int run_invoke(const InvokeOptions& options) {
    const Function function = make_function(options.function);
    auto invocation = make_invocation(options, function);
    process::Reaper reaper;
    asio::io_context io(1);
    Family family(reaper);
    EnvironmentPool pool(io.get_executor(), family, function, 1);
    InvokeRun run{pool, asio::signal_set(io, SIGINT, SIGTERM, SIGHUP)};
    asio::co_spawn(io, run.run(io, std::move(invocation)), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    io.run();
    return run.exit_status;
}

}  // namespace forklift::local
