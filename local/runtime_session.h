#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "local/answer.h"
#include "local/condition.h"
#include "local/http_message.h"
#include "local/invocation.h"

namespace forklift::local {

/// The Runtime API of one environment, without HTTP: what the runtime may say in which state, and
/// what it is told. The states and their names are the platform's:
///
///   Started ──next──► Ready ──event──► Running ──response or error──► ResponseSent ──next──► Ready
///      └──init/error──► InitError
///
/// Asking for the next event while Running gives the same event again. Posting for an id that is
/// not the current one is 400, out of turn 403, with the invocation id of an older attempt 410.
class RuntimeSession {
  public:
    using Clock = std::chrono::steady_clock;

    /// `on_change` is called when the runtime has polled for the first time, taken an event,
    /// answered, or failed its init; never after `close`.
    RuntimeSession(boost::asio::any_io_executor executor, std::chrono::milliseconds timeout,
                   std::function<void()> on_change);

    /// The runtime's side: one function an endpoint.
    boost::asio::awaitable<HttpReply> next();
    HttpReply post_response(std::string_view request_id, HttpRequest request);
    HttpReply post_error(std::string_view request_id, HttpRequest request);
    HttpReply post_init_error(HttpRequest request);

    /// The environment's side. Offers the next event; the one before has been answered.
    void offer(std::shared_ptr<const Invocation> invocation);
    /// The runtime has the event that was offered last, and has answered it.
    bool is_taken() const { return current_ && !offer_; }
    bool is_answered() const { return is_taken() && answer_; }
    /// When the event was given to the runtime, and when its answer came.
    Clock::time_point taken_at() const { return taken_at_; }
    Clock::time_point answered_at() const { return answered_at_; }
    Answer take_answer() { return std::move(*answer_); }

    /// When the runtime polled for the first time; nothing while its init lasts.
    std::optional<Clock::time_point> first_polled_at() const { return first_polled_at_; }
    /// The runtime is waiting for an event.
    bool is_ready() const { return state_ == State::ready; }
    /// What the runtime said of its failed init.
    const std::optional<Answer>& init_error() const { return init_error_; }

    /// `on_change` is not called any more.
    void detach() { on_change_ = nullptr; }
    /// The environment has ended: whoever waits in `next` is sent away.
    void close();

  private:
    enum class State { started, ready, running, response_sent, init_error };

    static const char* name_of(State state);
    HttpReply refuse_transition(const char* to) const;
    std::optional<HttpReply> refuse_post(std::string_view request_id, const HttpRequest& request,
                                         const char* to) const;
    HttpReply deliver();
    void finish(Answer answer);
    void changed();

    std::chrono::milliseconds timeout_;
    std::function<void()> on_change_;
    Condition poll_changed_;
    State state_ = State::started;
    bool closed_ = false;
    unsigned polls_ = 0;
    /// The event that waits for the runtime's next poll, and the one that the runtime has.
    std::shared_ptr<const Invocation> offer_;
    std::shared_ptr<const Invocation> current_;
    std::string invocation_id_;
    std::chrono::system_clock::time_point deadline_;
    std::optional<Clock::time_point> first_polled_at_;
    Clock::time_point taken_at_;
    Clock::time_point answered_at_;
    std::optional<Answer> answer_;
    std::optional<Answer> init_error_;
};

}  // namespace forklift::local
