#include "bench/http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace forklift::bench {
namespace {

/// A body inside the bytes that have arrived, and where the next message begins.
struct Body {
    std::string bytes;
    std::size_t end = 0;
};

std::size_t number(std::string_view text, int base) {
    std::size_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value, base).ec != std::errc{})
        throw std::runtime_error("not a length in HTTP: " + std::string(text));
    return value;
}

std::optional<std::string_view> find_field(std::string_view head, std::string_view name) {
    for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at)) {
        at += 2;
        const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
        if (line.size() <= name.size() || line[name.size()] != ':') continue;
        if (strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
        const std::string_view value = line.substr(name.size() + 1);
        const std::size_t begin = value.find_first_not_of(' ');
        return begin == value.npos ? std::string_view{} : value.substr(begin);
    }
    return std::nullopt;
}

/// The body in chunks (RFC 9112, 7.1) that begins at `at`; nothing while some of it is missing.
std::optional<Body> find_chunks(std::string_view arrived, std::size_t at) {
    Body body;
    for (;;) {
        const std::size_t line_end = arrived.find("\r\n", at);
        if (line_end == arrived.npos) return std::nullopt;
        const std::size_t size = number(arrived.substr(at, line_end - at), 16);
        at = line_end + 2;
        if (size == 0) break;
        if (arrived.size() < at + size + 2) return std::nullopt;
        body.bytes += arrived.substr(at, size);
        at += size + 2;
    }
    // Trailers, if any, up to an empty line.
    for (;;) {
        const std::size_t line_end = arrived.find("\r\n", at);
        if (line_end == arrived.npos) return std::nullopt;
        const bool empty = line_end == at;
        at = line_end + 2;
        if (empty) break;
    }
    body.end = at;
    return body;
}

std::optional<Body> find_body(std::string_view arrived, std::string_view head, std::size_t at) {
    if (find_field(head, "Transfer-Encoding")) return find_chunks(arrived, at);
    const auto length_field = find_field(head, "Content-Length");
    const std::size_t length = length_field ? number(*length_field, 10) : 0;
    if (arrived.size() < at + length) return std::nullopt;
    return Body{std::string(arrived.substr(at, length)), at + length};
}

}  // namespace

std::optional<std::string_view> HttpMessage::field(std::string_view name) const {
    return find_field(head, name);
}

HttpConnection::HttpConnection(process::UniqueFd socket) : socket_(std::move(socket)) {
    const int on = 1;
    setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void HttpConnection::send(std::string_view bytes, Clock::time_point give_up) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            std::vector<pollfd> writable{{fd(), POLLOUT, 0}};
            wait_for(writable, give_up);
        } else {
            throw std::system_error(errno, std::generic_category(), "send");
        }
    }
}

bool HttpConnection::fill() {
    static std::array<char, 256 * 1024> chunk;
    const ssize_t count = ::recv(fd(), chunk.data(), chunk.size(), 0);
    if (count < 0) return errno == EAGAIN;
    arrived_.append(chunk.data(), static_cast<std::size_t>(count));
    return count > 0;
}

std::optional<HttpMessage> HttpConnection::take() {
    const std::size_t head_end = arrived_.find("\r\n\r\n");
    if (head_end == arrived_.npos) return std::nullopt;
    const std::string_view head = std::string_view(arrived_).substr(0, head_end + 2);
    auto body = find_body(arrived_, head, head_end + 4);
    if (!body) {
        if (!continued_ && find_field(head, "Expect")) {
            send("HTTP/1.1 100 Continue\r\n\r\n", Clock::now() + std::chrono::seconds(1));
            continued_ = true;
        }
        return std::nullopt;
    }
    HttpMessage message{std::string(head), std::move(body->bytes)};
    arrived_.erase(0, body->end);
    continued_ = false;
    return message;
}

HttpMessage HttpConnection::receive(Clock::time_point give_up) {
    for (;;) {
        if (auto message = take()) return std::move(*message);
        std::vector<pollfd> readable{{fd(), POLLIN, 0}};
        wait_for(readable, give_up);
        if (!fill()) throw std::runtime_error("the server closed the connection");
    }
}

}  // namespace forklift::bench
