#include "local/event_loop.h"

#include <boost/asio/co_spawn.hpp>
#include <new>
#include <utility>

#include "local/failure_report.h"

namespace forklift::local {

namespace asio = boost::asio;

namespace {

/// There is one loop in the program, and one thread. What is left of it when it has ended goes
/// unheard.
bool loop_runs = false;

class LoopRuns {
  public:
    LoopRuns() { loop_runs = true; }
    LoopRuns(const LoopRuns&) = delete;
    LoopRuns& operator=(const LoopRuns&) = delete;
    ~LoopRuns() { loop_runs = false; }
};

/// What is to be called at the end of a coroutine, be it with the handler that nobody has called.
class End {
  public:
    explicit End(std::function<void(std::exception_ptr)> call) : call_(std::move(call)) {}
    End(End&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    End& operator=(End&&) = delete;
    ~End() {
        if (!call_ || !loop_runs) return;
        try {
            std::exchange(call_, nullptr)(std::make_exception_ptr(std::bad_alloc()));
        } catch (...) {
            report_failure("the end of something went unheard", std::current_exception());
        }
    }

    void operator()(std::exception_ptr failure) {
        std::exchange(call_, nullptr)(std::move(failure));
    }

  private:
    std::function<void(std::exception_ptr)> call_;
};

}  // namespace

void run_loop(asio::io_context& io) {
    const LoopRuns running;
    for (;;) {
        try {
            io.run();
            return;
        } catch (...) {
            report_failure("something that was due could not be done", std::current_exception());
        }
    }
}

void run_by_itself(asio::any_io_executor executor, asio::awaitable<void> coroutine,
                   std::function<void(std::exception_ptr)> end) {
    try {
        asio::co_spawn(std::move(executor), std::move(coroutine), End(std::move(end)));
    } catch (...) {
        // If it runs, `end` has heard of it.
        if (!loop_runs) throw;
    }
}

}  // namespace forklift::local
