#include "tests/support/name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string_view>

#include "tests/support/checked.h"

namespace forklift::test {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t head_size = 12;

/// The name in a question, with dots between its labels; its last byte is at `end`.
std::string read_name(std::string_view query, std::size_t& end) {
    std::string name;
    std::size_t at = head_size;
    while (at < query.size() && query[at] != 0) {
        const auto length = static_cast<unsigned char>(query[at]);
        if (!name.empty()) name += '.';
        name += query.substr(at + 1, length);
        at += 1 + length;
    }
    end = at;
    return name;
}

/// Only the IPv4 address (type 1) of the name is there. For another type of it the answer is empty.
std::string answer(std::string_view query, const std::string& known) {
    std::size_t end = 0;
    const bool is_known = read_name(query, end) == known;
    if (end + 5 > query.size()) return {};
    const bool has_address = is_known && query.substr(end + 1, 2) == "\0\1"sv;
    std::string text(query.substr(0, 2));
    text += is_known ? "\x81\x80"sv : "\x81\x83"sv;
    text += has_address ? "\0\1\0\1\0\0\0\0"sv : "\0\1\0\0\0\0\0\0"sv;
    text += query.substr(head_size, end + 5 - head_size);
    // The name as a reference to the question, type, class, ten seconds to live, four bytes.
    if (has_address) text += "\xc0\x0c\0\1\0\1\0\0\0\x0a\0\4\x7f\0\0\1"sv;
    return text;
}

}  // namespace

NameServer::NameServer(std::string name)
    : name_(std::move(name)),
      socket_(checked(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket of DNS")) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(53);
    ::inet_pton(AF_INET, address().c_str(), &own.sin_addr);
    checked(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&own), sizeof own),
            "bind at port 53, which takes root");
    server_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
    // A datagram socket is woken by this, although it has no connection to end.
    ::shutdown(socket_.get(), SHUT_RDWR);
    server_.join();
}

void NameServer::serve() {
    std::array<char, 512> query;
    for (;;) {
        sockaddr_in client{};
        socklen_t length = sizeof client;
        auto* const raw = reinterpret_cast<sockaddr*>(&client);
        const ssize_t size = ::recvfrom(socket_.get(), query.data(), query.size(), 0, raw, &length);
        if (size <= 0) return;
        ++questions_;
        const auto text = answer({query.data(), static_cast<std::size_t>(size)}, name_);
        ::sendto(socket_.get(), text.data(), text.size(), 0, raw, length);
    }
}

}  // namespace forklift::test
