#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "protocol/invocation.h"
#include "protocol/outcome.h"

namespace forklift::handlers {

/// How one invocation after another is answered. One handler serves one slot.
class Handler {
  public:
    Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    virtual ~Handler() = default;

    /// Called once, before the first event is asked for: makes ready what is to be ready by then.
    /// Returns the init error when there will never be an answer.
    virtual boost::asio::awaitable<std::optional<protocol::Failure>> start() {
        co_return std::nullopt;
    }

    /// Answers one invocation, before its deadline. `invocation` lives until then.
    virtual boost::asio::awaitable<protocol::Outcome> run(
        const protocol::Invocation& invocation) = 0;

    /// True when `settle` has nothing to do that takes time: it is then called when the answer is
    /// posted, and not beside that.
    virtual bool settles_at_once() const { return false; }

    /// Called when the answer is on its way: returns when nothing of the run is left, and what is
    /// kept for the next one is fit for it.
    virtual boost::asio::awaitable<void> settle() = 0;

    /// The environment is to end: a run under way comes back soon, as a failure, and so does every
    /// later one.
    virtual void stop() = 0;

    /// Called once, after everything else: returns when no process of the handler is left.
    virtual boost::asio::awaitable<void> end() { co_return; }
};

}  // namespace forklift::handlers
