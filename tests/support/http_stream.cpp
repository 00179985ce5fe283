#include "tests/support/http_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <stdexcept>

#include "tests/support/checked.h"

namespace forklift::test {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::pair<std::string, std::string> parse_field(const std::string& line) {
    const auto colon = line.find(':');
    const auto value = line.find_first_not_of(" \t", colon + 1);
    return {line.substr(0, colon), value == std::string::npos ? "" : line.substr(value)};
}

}  // namespace

std::optional<std::string> HttpMessage::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (same_name(key, name)) return value;
    return std::nullopt;
}

int HttpMessage::count(std::string_view name) const {
    return static_cast<int>(std::count_if(headers.begin(), headers.end(), [&](const auto& field) {
        return same_name(field.first, name);
    }));
}

std::string HttpMessage::word(int index) const {
    std::istringstream line(start_line);
    std::string word;
    for (int i = 0; i <= index; ++i) line >> word;
    return word;
}

int HttpMessage::status() const { return std::stoi(word(1)); }

HttpStream HttpStream::connect(std::uint16_t port) {
    FileDescriptor socket(
        checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket of a client"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    checked(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
            "connect");
    return HttpStream(std::move(socket));
}

std::optional<HttpMessage> HttpStream::read_head() {
    HttpMessage message;
    if (!take_line(message.start_line)) return std::nullopt;
    for (std::string line; take_line(line);) {
        if (line.empty()) return message;
        message.headers.push_back(parse_field(line));
    }
    return std::nullopt;
}

bool HttpStream::read_body(HttpMessage& message) {
    if (const auto length = message.header("Content-Length"))
        return take_bytes(std::stoul(*length), message.body);
    if (const auto coding = message.header("Transfer-Encoding"); coding && *coding == "chunked")
        return take_chunks(message.body);
    return true;
}

std::optional<HttpMessage> HttpStream::read_message() {
    auto message = read_head();
    if (message && !read_body(*message)) return std::nullopt;
    return message;
}

bool HttpStream::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool HttpStream::is_readable_within(std::chrono::milliseconds limit) const {
    if (taken_ < buffer_.size()) return true;
    pollfd readable{socket_.get(), POLLIN, 0};
    return ::poll(&readable, 1, static_cast<int>(limit.count())) == 1;
}

bool HttpStream::ends_within(std::chrono::milliseconds limit) {
    if (taken_ < buffer_.size() || !is_readable_within(limit)) return false;
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK) <= 0;
}

namespace {

/// tcp(7): with `quick` every segment is acknowledged at once, else after some 40 ms.
void set_acknowledgement(const FileDescriptor& socket, int quick) {
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_QUICKACK, &quick, sizeof quick);
}

void linger_not(const FileDescriptor& socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

void HttpStream::reset_at_end() {
    // What has arrived is acknowledged first: without that the other side would see the same as if
    // nothing had ever arrived, now and then.
    set_acknowledgement(socket_, 1);
    linger_not(socket_);
}

void HttpStream::reset_unacknowledged_at_end() {
    set_acknowledgement(socket_, 0);
    linger_not(socket_);
}

void HttpStream::shut_down() { ::shutdown(socket_.get(), SHUT_RDWR); }

bool HttpStream::fill() {
    char bytes[64 * 1024];
    for (;;) {
        const auto count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        buffer_.erase(0, std::exchange(taken_, 0));
        buffer_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }
}

bool HttpStream::take_line(std::string& line) {
    std::size_t end;
    while ((end = buffer_.find("\r\n", taken_)) == std::string::npos)
        if (!fill()) return false;
    line = buffer_.substr(taken_, end - taken_);
    taken_ = end + 2;
    return true;
}

bool HttpStream::take_bytes(std::size_t count, std::string& bytes) {
    while (count > 0) {
        if (taken_ == buffer_.size() && !fill()) return false;
        const auto step = std::min(count, buffer_.size() - taken_);
        bytes.append(buffer_, taken_, step);
        taken_ += step;
        count -= step;
    }
    return true;
}

bool HttpStream::take_chunks(std::string& bytes) {
    std::string line;
    for (;;) {
        if (!take_line(line)) return false;
        const auto size = std::stoul(line, nullptr, 16);
        if (!take_bytes(size, bytes) || !take_line(line)) return false;
        if (size == 0) return true;
    }
}

HttpMessage exchange(std::uint16_t port, std::string_view method, std::string_view path,
                     const HttpFields& headers, std::string_view body) {
    std::ostringstream head;
    head << method << ' ' << path << " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers) head << name << ": " << value << "\r\n";
    head << "Content-Length: " << body.size() << "\r\n\r\n";
    auto stream = HttpStream::connect(port);
    // A server may answer and close before it has read all of a body that is too long.
    if (stream.write(head.str())) stream.write(body);
    auto answer = stream.read_message();
    if (!answer) throw std::runtime_error("no answer to " + std::string(path));
    return *answer;
}

bool accepts(std::uint16_t port) {
    try {
        HttpStream::connect(port);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace forklift::test
