#include "bench/served_function.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <system_error>

#include "bench/client.h"

namespace forklift::bench {
namespace {

constexpr auto patience = std::chrono::seconds(30);

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

/// A port that was free a moment ago.
int find_free_port() {
    const process::UniqueFd probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::system_error(errno, std::generic_category(), "a free port");
    return ntohs(address.sin_port);
}

/// Connects to a server that may still be starting.
process::UniqueFd connect_to(int port, int server_pidfd) {
    const auto give_up = Clock::now() + patience;
    const sockaddr_in address = loopback(port);
    while (Clock::now() < give_up) {
        process::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            return socket;
        pollfd ended{server_pidfd, POLLIN, 0};
        if (poll(&ended, 1, 10) > 0) break;
    }
    return process::UniqueFd();
}

}  // namespace

ServedFunction::ServedFunction(const std::string& forklift, const Function& function,
                               const std::vector<std::string>& environment)
    : port_(find_free_port()),
      process_({forklift, "serve", function.name, "--task-root", function.task_root, "--port",
                std::to_string(port_)},
               lambda_environment(function, environment), function.task_root),
      connection_(connect_to(port_, process_.pidfd())) {
    if (connection_.fd() < 0) fail(std::runtime_error("it takes no connections"));
}

double ServedFunction::invoke(std::string_view event, bool echo) {
    std::string request =
        "POST /2015-03-31/functions/bench/invocations HTTP/1.1\r\n"
        "Host: 127.0.0.1:" +
        std::to_string(port_) +
        "\r\n"
        "Content-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(event.size()) + "\r\n\r\n";
    request += event;
    try {
        const auto start = Clock::now();
        connection_.send(request, start + patience);
        const HttpMessage answer = connection_.receive(start + patience);
        const double time = microseconds(start, Clock::now());
        if (!answer.begins_with("HTTP/1.1 200") || answer.field("X-Amz-Function-Error"))
            throw std::runtime_error("it answered " + answer.head + answer.body.substr(0, 1000));
        if (echo && answer.body != event)
            throw std::runtime_error("the answer is not the event: " + answer.body.substr(0, 1000));
        return time;
    } catch (const std::exception& error) {
        fail(error);
    }
}

void ServedFunction::fail(const std::exception& error) const {
    throw std::runtime_error(std::string("forklift serve: ") + error.what() + "\n" +
                             process_.log_tail());
}

}  // namespace forklift::bench
