#include "supervisor/slot.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>
#include <string>

namespace forklift::supervisor {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using protocol::ApiGone;

namespace {

/// How long an answer waits for the log of its run to be read.
constexpr std::chrono::milliseconds flush_limit{50};

}  // namespace

asio::awaitable<std::optional<ApiGone>> Slot::serve() {
    while (!stopping_) {
        asking_ = true;
        auto next = co_await api_.next();
        asking_ = false;
        if (auto* gone = std::get_if<ApiGone>(&next)) {
            if (stopping_) break;
            co_return std::move(*gone);
        }
        auto gone = co_await answer(std::get<protocol::Invocation>(next));
        if (gone) co_return gone;
    }
    co_return std::nullopt;
}

asio::awaitable<protocol::Outcome> Slot::run(const protocol::Invocation& invocation) {
    try {
        co_return co_await handler_.run(invocation);
    } catch (const std::exception& error) {
        // Memory or kernel resources ran out. The next event may find more of them.
        co_return protocol::Failure{"Runtime.OutOfResources", error.what(), {}};
    }
}

asio::awaitable<std::optional<ApiGone>> Slot::answer(const protocol::Invocation& invocation) {
    journal_.begin(invocation.id);
    const protocol::Outcome outcome = co_await run(invocation);
    journal_.end_output();
    co_await log_.flushed(flush_limit);
    const protocol::PostResult posted = co_await post(invocation, outcome);
    if (const auto* refused = std::get_if<protocol::Refused>(&posted)) {
        journal_.record(LogLevel::error, "the answer was not taken: " + refused->message);
    }
    journal_.begin({});
    co_await log_.flushed(flush_limit);
    if (const auto* gone = std::get_if<ApiGone>(&posted)) co_return *gone;
    co_return std::nullopt;
}

asio::awaitable<protocol::PostResult> Slot::post(const protocol::Invocation& invocation,
                                                 const protocol::Outcome& outcome) {
    if (handler_.settles_at_once()) {
        auto posted = co_await api_.post(invocation, outcome);
        co_await settle();
        co_return posted;
    }
    // The clearing up goes on while Lambda takes the answer.
    co_return co_await (api_.post(invocation, outcome) && settle());
}

/// The answer goes out whatever becomes of the clearing up.
asio::awaitable<void> Slot::settle() {
    try {
        co_await handler_.settle();
    } catch (const std::exception& error) {
        journal_.record(LogLevel::error, std::string("could not clear up: ") + error.what());
    }
}

void Slot::stop() {
    stopping_ = true;
    handler_.stop();
    // An answer or an init error on its way must arrive.
    if (asking_) api_.cancel();
}

}  // namespace forklift::supervisor
