#pragma once

#include <boost/asio/awaitable.hpp>

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

    /// Answers one invocation, before its deadline. `invocation` lives until then.
    virtual boost::asio::awaitable<protocol::Outcome> run(
        const protocol::Invocation& invocation) = 0;

    /// Called when the answer is posted: returns when nothing of the run is left.
    virtual boost::asio::awaitable<void> settle() = 0;

    /// The environment is to end: a run under way comes back soon, as a failure, and so does every
    /// later one.
    virtual void stop() = 0;
};

}  // namespace forklift::handlers
