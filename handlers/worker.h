#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "handlers/handler.h"
#include "handlers/journal.h"
#include "handlers/recipe.h"
#include "handlers/restart_pause.h"
#include "handlers/time_budget.h"
#include "handlers/worker_lifetime.h"
#include "handlers/worker_process.h"
#include "process/reaper.h"

namespace forklift::handlers {

/// Mode `worker`: one program that is started before the first event and answers one after another.
///
/// At any time one worker is at work or there is none; beside it a successor may be starting, and
/// those that have served their time may be ending. A worker that goes away, breaks the protocol or
/// runs out of time is replaced: at once when it had proved healthy, else after a pause that grows,
/// which an event cuts short.
class Worker : public Handler {
  public:
    /// `recipe` must outlive the handler. `hopeless` is called when the first worker goes away
    /// before any event has come: the function cannot start.
    Worker(boost::asio::any_io_executor executor, process::Reaper& reaper, Journal& journal,
           const Recipe& recipe, std::function<void(protocol::Failure)> hopeless);

    boost::asio::awaitable<std::optional<protocol::Failure>> start() override;
    boost::asio::awaitable<protocol::Outcome> run(const protocol::Invocation& invocation) override;
    bool settles_at_once() const override;
    boost::asio::awaitable<void> settle() override;
    void stop() override;
    boost::asio::awaitable<void> end() override;

  private:
    using Process = std::shared_ptr<WorkerProcess>;

    std::variant<Process, protocol::Failure> launch();
    boost::asio::awaitable<std::optional<protocol::Failure>> provide();
    boost::asio::awaitable<protocol::Outcome> put(const protocol::Invocation& invocation,
                                                  const TimeBudget& budget);
    protocol::Outcome judged(conversation::End end, const WorkerProcess& worker,
                             const TimeBudget& budget) const;
    void note_trouble(const conversation::End& end, const WorkerProcess& worker);

    /// `current_` is gone: another follows, at once or later, as healthy as `before` was.
    void follow(const WorkerProcess& before);
    void follow_now();
    void follow_later();
    void recycle();

    void idle_trouble();
    boost::asio::awaitable<void> replace_idle(Process worker);
    void in_background(boost::asio::awaitable<void> work);
    void retire(Process worker, process::StopLadder ladder);

    boost::asio::any_io_executor executor_;
    process::Reaper& reaper_;
    Journal& journal_;
    const Recipe& recipe_;
    std::function<void(protocol::Failure)> hopeless_;
    process::Command command_;
    Process current_;
    Process successor_;
    WorkerLifetime lifetime_;
    RestartPause pauses_;
    boost::asio::steady_timer pause_;
    /// Coroutines beside the slot's own; `end` waits until there are none.
    int background_ = 0;
    boost::asio::steady_timer background_done_;
    bool had_event_ = false;
    bool busy_ = false;
    bool stopping_ = false;
};

}  // namespace forklift::handlers
