#include "local/invoke_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <variant>

#include "local/environment_pool.h"
#include "local/event_input.h"
#include "local/event_loop.h"
#include "local/failure_report.h"
#include "local/function.h"
#include "local/identifiers.h"
#include "local/invoke_api.h"
#include "local/standard_error.h"
#include "local/standard_output.h"
#include "local/stop_signals.h"
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

/// The one run of `forklift invoke`, and what a signal makes of it.
class InvokeRun {
  public:
    explicit InvokeRun(const Function& function)
        : pool_(io_.get_executor(), reaper_, function, 1), signals_(io_, SIGINT, SIGTERM, SIGHUP) {}

    /// Returns when nothing of the function is left: the answer, or a signal that has come till
    /// then.
    std::variant<Answer, Interrupted> run(std::shared_ptr<const Invocation> invocation) {
        await_signal();
        run_by_itself(io_.get_executor(), run_event(std::move(invocation)),
                      [this](std::exception_ptr failure) {
                          failure_ = std::move(failure);
                          shut_down([this] { io_.stop(); });
                      });
        run_loop(io_);
        hand_back_signals();
        if (failure_) std::rethrow_exception(failure_);
        if (interrupted_) return *interrupted_;
        if (!answer_) throw std::runtime_error("the event has had no answer");
        return std::move(*answer_);
    }

  private:
    /// The first signal ends the function in order, the second at once.
    void await_signal() {
        signals_.async_wait([this](const boost::system::error_code& error, int number) {
            if (error) return;
            if (interrupted_) return pool_.kill();
            interrupted_ = Interrupted{number};
            shut_down([] {});
            await_signal();
        });
    }

    /// From here on a signal ends the program as it ends others. None is lost on the way.
    void hand_back_signals() {
        sigset_t ours;
        sigset_t before;
        ::sigemptyset(&ours);
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ours, number);
        ::pthread_sigmask(SIG_BLOCK, &ours, &before);
        io_.restart();
        io_.poll();
        signals_.clear();
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    asio::awaitable<void> run_event(std::shared_ptr<const Invocation> invocation) {
        answer_ = co_await pool_.invoke(std::move(invocation));
    }

    void shut_down(std::function<void()> then) {
        const auto done = [this, then](std::exception_ptr failure) {
            if (failure) {
                report_failure("the function was not ended in order", failure);
                pool_.kill();
            }
            then();
        };
        try {
            run_by_itself(io_.get_executor(), pool_.shut_down(stop_grace), done);
        } catch (...) {
            done(std::current_exception());
        }
    }

    process::Reaper reaper_;
    asio::io_context io_{1};
    UnblockedStderr unblocked_stderr_{io_};
    EnvironmentPool pool_;
    asio::signal_set signals_;
    std::optional<Answer> answer_;
    std::optional<Interrupted> interrupted_;
    std::exception_ptr failure_;
};

void print(const Answer& answer) {
    const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
    write_to_stdout(is_terminal ? answer.payload + '\n' : answer.payload,
                    "cannot write the answer");
}

}  // namespace

int run_invoke(const InvokeOptions& options) {
    const Function function = make_function(options.function);
    const auto end = InvokeRun(function).run(make_invocation(options, function));
    if (const auto* interrupted = std::get_if<Interrupted>(&end)) {
        flush_stderr(log_patience);
        return 128 + interrupted->signal;
    }
    // Only now: a reader that takes its time, or has gone, keeps nothing of the function here.
    const Answer& answer = std::get<Answer>(end);
    print(answer);
    // Longer than a pager's user looks at a page, for it is he who may read it.
    constexpr std::chrono::seconds reader_patience{10};
    flush_stderr(reader_patience);
    return answer.is_error() ? 1 : 0;
}

}  // namespace forklift::local
