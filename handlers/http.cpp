#include "handlers/http.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "handlers/output.h"
#include "handlers/port_holder.h"
#include "handlers/port_probe.h"
#include "handlers/verdict.h"
#include "process/exception_text.h"
#include "protocol/http_field.h"
#include "protocol/limits.h"
#include "protocol/loopback_connector.h"
#include "protocol/shown_bytes.h"
#include "protocol/version.h"
#include "protocol/web_answer.h"
#include "protocol/web_request.h"

namespace forklift::handlers {

namespace asio = boost::asio;
using protocol::Failure;
using protocol::HttpError;
using protocol::HttpRequest;
using protocol::HttpResponse;
using protocol::Outcome;
using protocol::Success;
using protocol::WebRequest;
using std::chrono::milliseconds;

namespace {

/// How long the end of a server may take that has closed a connection, and how long an answer may
/// take whose server has ended.
constexpr milliseconds end_grace{100};
constexpr std::size_t shown_body = 300;
/// How long a port may take to be free whose holder was sent SIGKILL.
constexpr milliseconds free_limit{500};
constexpr milliseconds free_pause{5};

/// What helps a server that ends while it should serve.
std::string background_hint(const ServerProcess& server) {
    constexpr const char* help =
        "must be told to stay in the foreground: busybox httpd -f, nginx -g \"daemon off;\"";
    if (server.has_left_processes())
        return fmt::format(
            "; it has left processes running, so it has probably gone to the background, and {}",
            help);
    if (server.ended_in_success())
        return fmt::format("; if it means to go on in the background, it {}", help);
    return {};
}

process::Command server_command(const Recipe& recipe) {
    Event none("");
    auto command = std::get<process::Command>(recipe.command(none, {}));
    command.environment = recipe.environment();
    command.environment.set("PORT", std::to_string(recipe.options().port));
    return command;
}

bool is_context(std::string_view name) {
    constexpr std::string_view prefix = "Lambda-Runtime-";
    return name.size() > prefix.size() &&
           protocol::equal_ignoring_case(name.substr(0, prefix.size()), prefix) &&
           protocol::collapsed_name(name) == protocol::lower_case(name);
}

/// What is sent for an event, and the form in which its answer is wanted; none for an event that is
/// not an HTTP request.
struct Parcel {
    HttpRequest request;
    /// What `request` borrows.
    std::string body;
    std::optional<protocol::WebForm> form;
    /// Headers that no request can carry.
    std::vector<std::string> left_out;
};

void pack(WebRequest web, Parcel& parcel) {
    parcel.form = web.form;
    parcel.request.method = std::move(web.method);
    parcel.request.target = std::move(web.target);
    parcel.request.headers = std::move(web.headers);
    parcel.left_out = std::move(web.left_out);
    if (!web.body) return;
    parcel.body = std::move(*web.body);
    parcel.request.body = parcel.body;
}

void add_context(const protocol::Invocation& invocation, Parcel& parcel) {
    for (const auto& [name, value] : invocation.headers) {
        if (!is_context(name)) continue;
        if (protocol::is_field_value(value))
            parcel.request.headers.add(name, value);
        else
            parcel.left_out.push_back(name);
    }
}

/// Adds what an HTTP/1.1 request is expected to have. Host comes first, and once (RFC 9112, 3.2).
void complete(HttpRequest& request, std::uint16_t port) {
    const auto host = request.headers.find("Host");
    protocol::Headers headers = {
        {"Host", host ? std::string(*host) : fmt::format("127.0.0.1:{}", port)}};
    for (const auto& [name, value] : request.headers)
        if (!protocol::equal_ignoring_case(name, "Host")) headers.add(name, value);
    if (!headers.find("User-Agent"))
        headers.add("User-Agent", fmt::format("forklift/{}", protocol::version));
    request.headers = std::move(headers);
}

/// Fills `parcel`, which borrows from the invocation.
std::optional<Failure> pack(const protocol::Invocation& invocation, Parcel& parcel) {
    using protocol::NotInEvent;
    std::variant<WebRequest, protocol::NoWebEvent, NotInEvent> read;
    read.emplace<protocol::NoWebEvent>();
    if (const auto event = protocol::JsonValue::parse(invocation.payload))
        read = protocol::read_web_request(*event);
    if (const auto* wrong = std::get_if<NotInEvent>(&read)) return invalid_event(wrong->message);
    if (auto* web = std::get_if<WebRequest>(&read)) {
        pack(std::move(*web), parcel);
    } else {
        parcel.request.method = "POST";
        parcel.request.target = "/";
        parcel.request.headers.add("Content-Type", "application/json");
        parcel.request.body = invocation.payload;
    }
    return std::nullopt;
}

/// What a response means for its event.
Outcome judge(HttpResponse response, const Parcel& parcel, const Options& options) {
    if (parcel.form) {
        Success success{"application/json", protocol::web_answer(*parcel.form, response)};
        if (success.body.size() > protocol::max_response_bytes)
            return too_large(success.body.size(), protocol::max_response_bytes, {});
        return success;
    }
    if (response.status / 100 == 2) return to_response(std::move(response.body), options);
    return Failure{"Function.HttpStatus",
                   fmt::format("the server answered with status {}: {}", response.status,
                               protocol::shown_bytes(response.body, shown_body)),
                   {}};
}

}  // namespace

Http::Http(asio::any_io_executor executor, process::Reaper& reaper, Journal& journal,
           const Recipe& recipe)
    : executor_(executor),
      reaper_(reaper),
      journal_(journal),
      recipe_(recipe),
      command_(server_command(recipe)),
      channel_(std::make_unique<protocol::LoopbackConnector>(executor, recipe.options().port),
               protocol::HttpChannel::Connections::one_each, ""),
      pause_(executor),
      last_chance_(executor),
      background_done_(executor, Clock::time_point::max()) {}

asio::awaitable<std::optional<Failure>> Http::start() {
    TimeBudget no_limit;
    no_limit.limits.stop_at = Clock::time_point::max();
    busy_ = true;
    auto failure = co_await provide(no_limit);
    busy_ = false;
    if (stopping_) co_return std::nullopt;
    co_return failure;
}

asio::awaitable<std::optional<Failure>> Http::provide(TimeBudget budget) {
    pause_.cancel();
    co_await background_over();
    if (!current_ || !current_->usable()) {
        if (auto failure = co_await replace()) co_return failure;
    }
    const Process server = current_;
    if (co_await server->listening(budget.limits.stop_at)) co_return std::nullopt;
    if (stopping_) co_return terminated(server->last_lines());
    const std::uint16_t port = recipe_.options().port;
    if (server->ended())
        co_return gone_failure(*server,
                               fmt::format("before it accepted a connection on port {}", port));
    co_return not_listening(*server, budget);
}

Failure Http::not_listening(const ServerProcess& server, const TimeBudget& budget) const {
    if (!server.obstacle().empty()) {
        return {"Runtime.OutOfResources",
                fmt::format("nobody can tell whether the server listens on port {}: {}",
                            recipe_.options().port, server.obstacle()),
                server.last_lines()};
    }
    return out_of_time(fmt::format("the server did not accept connections on port {} {}; {}",
                                   recipe_.options().port, when_stopped(recipe_.options(), budget),
                                   server.where_it_listens()),
                       server.last_lines());
}

asio::awaitable<std::optional<Failure>> Http::replace() {
    if (current_) {
        const Process before = std::move(current_);
        co_await before->end(stop_ladder(recipe_.options()));
    }
    if (auto failure = co_await clear_port()) co_return failure;
    if (stopping_) co_return terminated({});
    co_return launch();
}

asio::awaitable<std::optional<Failure>> Http::clear_port() {
    const std::uint16_t port = recipe_.options().port;
    PortProbe probe(executor_, port);
    asio::steady_timer pause(executor_);
    const auto until = Clock::now() + free_limit;
    bool has_killed = false;
    while (!stopping_) {
        const bool is_taken = co_await probe.accepts();
        if (!is_taken || stopping_) break;
        const auto holders = port_holders(port);
        const bool are_leftovers = std::any_of(holders.begin(), holders.end(),
                                               [](const auto& one) { return one.is_leftover; });
        // One that was killed listens until it has ended, when nobody can see it any more.
        const bool may_go = are_leftovers || (has_killed && holders.empty());
        if (!may_go || Clock::now() >= until) {
            co_return Failure{"Runtime.PortTaken",
                              fmt::format("port {} of 127.0.0.1 is taken already, by {}", port,
                                          describe(holders)),
                              {}};
        }
        if (!std::exchange(has_killed, true)) {
            journal_.warn(fmt::format(
                "port {} was held by what an earlier bootstrap had left behind, and is freed: {}",
                port, describe(holders)));
        }
        kill_leftovers(holders);
        pause.expires_after(free_pause);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return std::nullopt;
}

std::optional<Failure> Http::launch() {
    try {
        const ServerProcess::Terms terms{recipe_.options().port, escaped(recipe_.options())};
        auto started =
            ServerProcess::start(executor_, reaper_, command_, journal_, terms, [this] { gone(); });
        if (const auto* error = std::get_if<process::SpawnError>(&started))
            return not_started(*error, command_);
        current_ = std::get<Process>(std::move(started));
        note_server(terms.port, current_->pid());
        return std::nullopt;
    } catch (const std::exception& error) {
        return Failure{"Runtime.OutOfResources",
                       fmt::format("could not start the server: {}", error.what()),
                       {}};
    }
}

namespace {

/// One line, however many there are: an event says how many, and how long their names are.
std::string left_out_text(const std::vector<std::string>& names) {
    constexpr std::size_t most = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
        text += (i == 0 ? "" : ", ") + protocol::shown_bytes(names[i]);
    if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
    return fmt::format(
        "left out of the request to the server, for what is in the name or the value of the "
        "header: {}",
        text);
}

}  // namespace

asio::awaitable<Outcome> Http::run(const protocol::Invocation& invocation) {
    if (stopping_) co_return terminated({});
    busy_ = true;
    const Options& options = recipe_.options();
    const TimeBudget budget = for_one_run(time_budget(invocation.deadline, options), options);
    if (budget.spent)
        co_return out_of_time("Lambda's deadline had passed before the event came", {});
    Parcel parcel;
    if (auto failure = pack(invocation, parcel)) co_return std::move(*failure);
    add_context(invocation, parcel);
    complete(parcel.request, options.port);
    if (!parcel.left_out.empty()) journal_.warn(left_out_text(parcel.left_out));
    parcel.request.max_answer = options.max_output;
    auto result = co_await exchange(parcel.request, budget);
    if (auto* failure = std::get_if<Failure>(&result)) co_return std::move(*failure);
    co_return judge(std::get<HttpResponse>(std::move(result)), parcel, options);
}

asio::awaitable<std::variant<HttpResponse, Failure>> Http::exchange(HttpRequest& request,
                                                                    const TimeBudget& budget) {
    if (current_) current_->begin_event();
    for (bool again = false;; again = true) {
        if (auto failure = co_await provide(budget)) co_return std::move(*failure);
        if (stopping_) co_return terminated({});
        const auto left =
            std::chrono::ceil<milliseconds>(budget.limits.stop_at - Clock::now()).count();
        const bool endless = budget.limits.stop_at == Clock::time_point::max();
        request.timeout = milliseconds(endless ? 0 : std::max<std::int64_t>(left, 0) + 1);
        const Process server = current_;
        auto result = co_await channel_.send(request);
        last_chance_.cancel();
        if (auto* response = std::get_if<HttpResponse>(&result)) {
            server->note_answer();
            server->finish_event();
            co_return std::move(*response);
        }
        auto error = std::get<HttpError>(std::move(result));
        const bool in_time = Clock::now() < budget.limits.stop_at;
        if (in_time && !stopping_ && !error.answer_size) co_await server->ends_within(end_grace);
        const bool can_follow = error.acknowledged == HttpError::Acknowledged::none && !again;
        if (!can_follow || !in_time || stopping_)
            co_return co_await failed(std::move(error), budget);
    }
}

asio::awaitable<Failure> Http::failed(HttpError error, const TimeBudget& budget) {
    const Process server = current_;
    const Options& options = recipe_.options();
    const bool in_time = Clock::now() < budget.limits.stop_at;
    if (!in_time || stopping_) co_await server->stop(budget.limits.ladder);
    server->finish_event();
    if (stopping_) co_return terminated(server->last_lines());
    if (error.answer_size)
        co_return too_large(*error.answer_size, options.max_output, server->last_lines());
    if (!in_time) {
        co_return out_of_time(fmt::format("the server had not answered {} and was stopped",
                                          when_stopped(options, budget)),
                              server->last_lines());
    }
    if (server->ended()) co_return gone_failure(*server, "before it had answered");
    co_return Failure{"Function.NoResponse",
                      fmt::format("the server gave no HTTP response: {}", error.message),
                      server->last_lines()};
}

Failure Http::gone_failure(const ServerProcess& server, std::string_view when) const {
    const auto lines = server.last_lines();
    const auto what =
        fmt::format("the server {} {}{}", server.how_it_ended(), when, background_hint(server));
    return {"Function.ServerExit", with_last_words(what, lines), lines};
}

/// Called when `current_` has ended by itself.
void Http::gone() {
    if (stopping_) return;
    if (busy_) {
        last_chance_.expires_after(end_grace);
        last_chance_.async_wait([this](boost::system::error_code error) {
            // By now another may have taken its place.
            if (!error && current_ && current_->ended()) channel_.cancel();
        });
        return;
    }
    journal_.warn(gone_failure(*current_, "while it was idle").message);
    follow_after(pause_due().value_or(milliseconds(0)));
}

std::optional<milliseconds> Http::pause_due() {
    const bool healthy =
        current_ && (current_->has_answered() || current_->age() >= RestartPause::healthy_age);
    if (!healthy) return pauses_.next();
    pauses_.reset();
    return std::nullopt;
}

void Http::follow_after(milliseconds pause) {
    if (pause > milliseconds(0))
        journal_.note(
            fmt::format("the next server starts in {} ms, or with the next event", pause.count()));
    pause_.expires_after(pause);
    pause_.async_wait([this](boost::system::error_code error) {
        if (error || busy_ || stopping_ || in_background_) return;
        in_background_ = true;
        asio::co_spawn(executor_, replace_idle(), [this](std::exception_ptr exception) {
            in_background_ = false;
            background_done_.cancel();
            // The next event tries again.
            if (exception)
                journal_.warn("the server could not be replaced: " + process::what(exception));
        });
    });
}

asio::awaitable<void> Http::replace_idle() {
    auto failure = co_await replace();
    if (!failure || stopping_) co_return;
    journal_.warn(fmt::format("{}: {}", failure->type, failure->message));
    follow_after(pauses_.next());
}

asio::awaitable<void> Http::background_over() {
    while (in_background_)
        co_await background_done_.async_wait(asio::as_tuple(asio::use_awaitable));
}

bool Http::settles_at_once() const { return current_ && current_->usable(); }

asio::awaitable<void> Http::settle() {
    const bool fit = stopping_ || (current_ && current_->usable());
    if (!fit) co_await follow();
    busy_ = false;
    reaper_.reap_orphans();
}

asio::awaitable<void> Http::follow() {
    auto pause = pause_due();
    if (!pause) {
        const auto failure = co_await replace();
        if (!failure || stopping_) co_return;
        journal_.warn(fmt::format("{}: {}", failure->type, failure->message));
        pause = pauses_.next();
    }
    follow_after(*pause);
}

void Http::stop() {
    stopping_ = true;
    pause_.cancel();
    channel_.cancel();
    if (current_) current_->call_off();
}

asio::awaitable<void> Http::end() {
    stopping_ = true;
    pause_.cancel();
    last_chance_.cancel();
    co_await background_over();
    if (!current_) co_return;
    co_await std::exchange(current_, nullptr)->end(stop_ladder(recipe_.options()));
    forget_server(recipe_.options().port);
}

}  // namespace forklift::handlers
