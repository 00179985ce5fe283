#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "tests/support/event.h"
#include "tests/support/http_stream.h"

namespace forklift::test {

/// A request that the server has read, or began to read.
struct Request {
    std::string method;
    std::string path;
    HttpMessage message;
    std::chrono::system_clock::time_point received;
    /// Number of the connection it came on; the first is 1.
    int connection = 0;

    const std::string& body() const { return message.body; }
    std::optional<std::string> header(std::string_view name) const { return message.header(name); }
};

/// Lambda's Runtime API as a script: the test queues events and the manners of the answers, and
/// reads what came. A real HTTP server on a loopback port of its own, for one bootstrap. It is
/// written without any code of the project, so that the two cannot be wrong together.
///
/// Functions that wait throw when `patience` has passed, which fails the test.
class RuntimeApiServer {
  public:
    static constexpr std::chrono::seconds patience{30};

    enum class Start { at_once, later };

    /// With `later` the port is taken, but connections to it are refused until `listen`.
    explicit RuntimeApiServer(Start start = Start::at_once);
    RuntimeApiServer(const RuntimeApiServer&) = delete;
    RuntimeApiServer& operator=(const RuntimeApiServer&) = delete;
    ~RuntimeApiServer();

    void listen();

    /// The value for AWS_LAMBDA_RUNTIME_API.
    std::string address() const;

    /// Queues an answer for GET next; with none queued the request waits.
    void add(Event event);
    /// Queues the same event `count` times, with the ids "event-1", "event-2" and so on.
    void add_many(int count, const Event& event);
    /// Queues an answer to GET next that is no event.
    void add_next(Reply reply);
    /// Queues an answer to a POST; with none queued it is 202.
    void add_post(Reply reply);
    /// Lets go of every request that is held.
    void release();

    /// Waits for the first POST that has not been returned yet.
    Request next_post();
    /// Waits until there have been `count` requests for the next event.
    void wait_for_polls(int count);
    /// Waits until the events queued are handed out and one more is asked for: the runtime is idle.
    void wait_until_idle();

    std::vector<Request> requests() const;
    /// The POSTs among them.
    std::vector<Request> posts() const;
    int polls() const;
    int connections() const;

    /// Keeps only the counts from now on, not the requests.
    void forget_requests();

  private:
    using Next = std::variant<Event, Reply>;

    void accept_connections();
    void serve(HttpStream& stream, int connection);
    bool serve_request(HttpStream& stream, int connection);
    std::optional<Reply> reply_to(const HttpMessage& request, HttpFields& headers);
    std::optional<Next> take_next();
    Reply take_post_reply();
    void record(HttpMessage message, int connection);
    void wait_for_release();
    template <typename Condition>
    void wait_for(const char* what, Condition condition);
    std::string history() const;

    FileDescriptor socket_;
    std::uint16_t port_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool released_ = false;
    bool forgetting_ = false;
    int polls_ = 0;
    int waiting_ = 0;
    int connections_ = 0;
    std::deque<Next> nexts_;
    std::deque<Reply> post_replies_;
    std::vector<Request> requests_;
    std::size_t posts_returned_ = 0;
    std::map<int, std::unique_ptr<HttpStream>> streams_;

    std::vector<std::thread> servers_;
    std::thread acceptor_;
};

}  // namespace forklift::test
