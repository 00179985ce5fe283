#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "handlers/handler.h"
#include "protocol/runtime_api.h"
#include "supervisor/slot_journal.h"

namespace forklift::supervisor {

/// One place where an invocation can run: next, run, post, and again.
class Slot {
  public:
    /// Everything is borrowed, and outlives the slot.
    Slot(protocol::RuntimeApi& api, handlers::Handler& handler, SlotJournal& journal, Log& log)
        : api_(api), handler_(handler), journal_(journal), log_(log) {}

    /// Serves until `stop`, then returns nothing; or until Lambda is gone, then returns why.
    boost::asio::awaitable<std::optional<protocol::ApiGone>> serve();

    /// The invocation under way is ended and answered, and no other one is asked for.
    void stop();

  private:
    boost::asio::awaitable<protocol::Outcome> run(const protocol::Invocation& invocation);
    boost::asio::awaitable<protocol::PostResult> post(const protocol::Invocation& invocation,
                                                      const protocol::Outcome& outcome);
    boost::asio::awaitable<void> settle();
    boost::asio::awaitable<std::optional<protocol::ApiGone>> answer(
        const protocol::Invocation& invocation);

    protocol::RuntimeApi& api_;
    handlers::Handler& handler_;
    SlotJournal& journal_;
    Log& log_;
    bool asking_ = false;
    bool stopping_ = false;
};

}  // namespace forklift::supervisor
