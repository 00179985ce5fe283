#include "bench/runtime_api_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace forklift::bench {
namespace {

/// How long a client may take for anything.
constexpr auto patience = std::chrono::seconds(30);
constexpr std::string_view api = "/2018-06-01/runtime/";

void check(int result, const char* step) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), step);
}

/// A request id that looks like Lambda's.
std::string make_id(std::uint64_t number) {
    char id[37];
    std::snprintf(id, sizeof id, "8f5072c1-6b1e-4c3a-9d0e-%012llx",
                  static_cast<unsigned long long>(number));
    return id;
}

/// The answer to a poll, with the headers that Lambda sends.
std::string make_event(const std::string& id, std::string_view event) {
    const auto deadline = std::chrono::system_clock::now() + patience;
    const auto deadline_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch());
    std::string message =
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: application/json\r\n"
        "Lambda-Runtime-Aws-Request-Id: " +
        id +
        "\r\n"
        "Lambda-Runtime-Deadline-Ms: " +
        std::to_string(deadline_ms.count()) +
        "\r\n"
        "Lambda-Runtime-Invoked-Function-Arn: "
        "arn:aws:lambda:us-east-1:123456789012:function:bench\r\n"
        "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;"
        "Parent=9a9197af755a6419;Sampled=0\r\n"
        "Content-Length: " +
        std::to_string(event.size()) + "\r\n\r\n";
    message += event;
    return message;
}

std::string make_answer(const char* status, std::string_view body) {
    return std::string("HTTP/1.1 ") + status + "\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

bool is(const HttpMessage& request, const char* method, const std::string& path) {
    return request.begins_with(method + (" " + std::string(api)) + path + " ");
}

[[noreturn]] void unexpected(const HttpMessage& request) {
    throw std::runtime_error(
        "a request out of turn: " + request.head.substr(0, request.head.find("\r\n")) + "\n" +
        request.body.substr(0, 1000));
}

}  // namespace

RuntimeApiServer::RuntimeApiServer()
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    check(listener_.get(), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    check(listen(listener_.get(), SOMAXCONN), "listen");
}

std::string RuntimeApiServer::address() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    check(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size),
          "getsockname");
    return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

Clock::time_point RuntimeApiServer::await_poll() {
    auto [connection, request] = receive();
    const auto now = Clock::now();
    if (!is(request, "GET", "invocation/next")) unexpected(request);
    polling_ = connection;
    return now;
}

EventTimes RuntimeApiServer::run_event(std::string_view event, bool echo) {
    const std::string id = make_id(++events_);
    const std::string message = make_event(id, event);
    const auto start = Clock::now();
    polling_->send(message, start + patience);
    auto [connection, request] = receive();
    const auto answered = Clock::now();
    if (!is(request, "POST", "invocation/" + id + "/response")) unexpected(request);
    connection->send(make_answer("202 Accepted", "{\"status\":\"OK\"}\n"), answered + patience);
    const auto ready = await_poll();
    if (echo && request.body != event)
        throw std::runtime_error("the answer is not the event: " + request.body.substr(0, 1000));
    return {microseconds(start, answered), microseconds(start, ready)};
}

RuntimeApiServer::Arrival RuntimeApiServer::receive() {
    for (;;) {
        for (auto& connection : connections_) {
            auto request = connection.take();
            if (!request) continue;
            if (request->head.find(api) != std::string::npos)
                return {&connection, std::move(*request)};
            // Some clients ask for more of Lambda than the Runtime API; they can do without.
            connection.send(make_answer("404 Not Found", "{}"), Clock::now() + patience);
        }
        wait_for_bytes();
    }
}

void RuntimeApiServer::wait_for_bytes() {
    watched_ = {{listener_.get(), POLLIN, 0}, {client_pidfd_, POLLIN, 0}};
    for (const auto& connection : connections_) watched_.push_back({connection.fd(), POLLIN, 0});
    wait_for(watched_, Clock::now() + patience);
    if (watched_[1].revents != 0) throw std::runtime_error("it has ended");
    auto watched = watched_.begin() + 2;
    for (auto connection = connections_.begin(); connection != connections_.end(); ++watched) {
        const bool open = watched->revents == 0 || connection->fill();
        connection = open ? std::next(connection) : connections_.erase(connection);
    }
    if (watched_[0].revents != 0) accept_connection();
}

void RuntimeApiServer::accept_connection() {
    process::UniqueFd socket(
        accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) connections_.emplace_back(std::move(socket));
}

}  // namespace forklift::bench
