#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <variant>

#include "handlers/handler.h"
#include "handlers/journal.h"
#include "handlers/recipe.h"
#include "handlers/restart_pause.h"
#include "handlers/server_process.h"
#include "handlers/time_budget.h"
#include "process/reaper.h"
#include "protocol/http_channel.h"

namespace forklift::handlers {

/// Mode `http`: a web server that is started before the first event and gets each as an HTTP
/// request.
///
/// An event of a function URL, an API Gateway or a load balancer is the request it stands for; any
/// other is posted to `/`. A server that has ended, or was stopped because its time was over, is
/// followed by another: at once when it had proved healthy, else after a pause that grows, which an
/// event cuts short.
class Http : public Handler {
  public:
    /// `recipe` must outlive the handler.
    Http(boost::asio::any_io_executor executor, process::Reaper& reaper, Journal& journal,
         const Recipe& recipe);

    boost::asio::awaitable<std::optional<protocol::Failure>> start() override;
    boost::asio::awaitable<protocol::Outcome> run(const protocol::Invocation& invocation) override;
    bool settles_at_once() const override;
    boost::asio::awaitable<void> settle() override;
    void stop() override;
    boost::asio::awaitable<void> end() override;

  private:
    using Clock = std::chrono::steady_clock;
    using Process = std::shared_ptr<ServerProcess>;

    /// Sees to it that `current_` accepts connections.
    boost::asio::awaitable<std::optional<protocol::Failure>> provide(TimeBudget budget);
    boost::asio::awaitable<std::variant<protocol::HttpResponse, protocol::Failure>> exchange(
        protocol::HttpRequest& request, const TimeBudget& budget);
    boost::asio::awaitable<protocol::Failure> failed(protocol::HttpError error,
                                                     const TimeBudget& budget);

    /// Clears away `current_`, if there is one, and starts another in its place.
    boost::asio::awaitable<std::optional<protocol::Failure>> replace();
    /// Sees to it that nobody else listens on the port.
    boost::asio::awaitable<std::optional<protocol::Failure>> clear_port();
    std::optional<protocol::Failure> launch();
    /// `current_` is of no use any more, and no event is open: another follows, at once or later.
    boost::asio::awaitable<void> follow();
    boost::asio::awaitable<void> replace_idle();
    void follow_after(std::chrono::milliseconds pause);
    /// The pause that the next server is due; nothing when `current_` had proved healthy.
    std::optional<std::chrono::milliseconds> pause_due();

    void gone();
    protocol::Failure gone_failure(const ServerProcess& server, std::string_view when) const;
    protocol::Failure not_listening(const ServerProcess& server, const TimeBudget& budget) const;
    boost::asio::awaitable<void> background_over();

    boost::asio::any_io_executor executor_;
    process::Reaper& reaper_;
    Journal& journal_;
    const Recipe& recipe_;
    process::Command command_;
    protocol::HttpChannel channel_;
    Process current_;
    RestartPause pauses_;
    boost::asio::steady_timer pause_;
    /// After the end of a server in an event: time for an answer that is on its way.
    boost::asio::steady_timer last_chance_;
    /// A server is being replaced while no event is open.
    bool in_background_ = false;
    boost::asio::steady_timer background_done_;
    bool busy_ = false;
    bool stopping_ = false;
};

}  // namespace forklift::handlers
