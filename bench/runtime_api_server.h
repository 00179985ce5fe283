#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "bench/http.h"
#include "bench/wait.h"
#include "process/unique_fd.h"

namespace forklift::bench {

/// What one event took, in microseconds from the moment it was sent.
struct EventTimes {
    /// Until the whole answer had arrived.
    double answered = 0;
    /// Until the client asked for the next event: what it does after its answer is in here.
    double ready = 0;
};

/// Lambda's side of the Runtime API for one client that runs one event at a time: a socket on a
/// port of its own, and a clock. It uses nothing of the project's protocol code.
class RuntimeApiServer {
  public:
    /// Listens on a free port of the loopback interface.
    RuntimeApiServer();

    /// What the client gets as AWS_LAMBDA_RUNTIME_API.
    std::string address() const;

    /// Waits end with an error when this pidfd becomes readable: the client is gone.
    void watch(int pidfd) { client_pidfd_ = pidfd; }

    /// Waits until the client has asked for an event, and returns the moment. Anything else that it
    /// says before is an error.
    Clock::time_point await_poll();

    /// Hands out `event`, for which the client must be waiting, and takes its answer and its next
    /// poll. With `echo` the answer must be the event byte for byte.
    EventTimes run_event(std::string_view event, bool echo);

  private:
    struct Arrival {
        HttpConnection* connection;
        HttpMessage request;
    };

    Arrival receive();
    void wait_for_bytes();
    void accept_connection();

    process::UniqueFd listener_;
    int client_pidfd_ = -1;
    /// A list, because connections are pointed at.
    std::list<HttpConnection> connections_;
    /// The connection on which the client waits for its event.
    HttpConnection* polling_ = nullptr;
    std::vector<pollfd> watched_;
    std::uint64_t events_ = 0;
};

}  // namespace forklift::bench
