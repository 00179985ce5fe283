#include "tests/programs/worker.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace worker {

namespace {

constexpr std::string_view id_header = "lambda-runtime-aws-request-id";
constexpr std::string_view length_header = "content-length";

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// The value of a header, of lines that end with a line feed alone.
std::string header(const std::string& head, std::string_view name) {
    const auto at = ("\n" + lower(head)).find("\n" + std::string(name) + ":");
    if (at == head.npos) return {};
    auto begin = at + name.size() + 1;
    const auto end = head.find('\n', begin);
    while (begin < end && head[begin] == ' ') ++begin;
    return head.substr(begin, end - begin);
}

std::string head_of(const Request& request, const std::string& rest) {
    return "Lambda-Runtime-Aws-Request-Id: " + request.id + "\r\n" + rest + "\r\n\r\n";
}

}  // namespace

bool is_framed() {
    const char* const greeting = std::getenv("FORKLIFT_WORKER");
    return greeting && std::string_view(greeting) == "framed/1";
}

std::optional<std::string> read_head() {
    if (!is_framed()) return std::cin.peek() == EOF ? std::nullopt : std::optional<std::string>("");
    std::string head;
    for (std::string line; std::getline(std::cin, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (line.empty()) return head;
        head += line + "\n";
    }
    return std::nullopt;
}

Request read_body(const std::string& head) {
    Request request;
    if (!is_framed()) {
        std::getline(std::cin, request.event);
        return request;
    }
    request.id = header(head, id_header);
    request.event.resize(std::stoul(header(head, length_header)));
    std::cin.read(request.event.data(), static_cast<std::streamsize>(request.event.size()));
    return request;
}

std::optional<Request> read_request() {
    const auto head = read_head();
    if (!head) return std::nullopt;
    return read_body(*head);
}

void write(std::string_view bytes) { std::cout << bytes << std::flush; }

void say_ready() {
    if (is_framed()) write("Forklift-Worker-Protocol: 1\r\nContent-Length: 0\r\n\r\n");
}

std::string counted(const Request& request, std::string_view body) {
    if (!is_framed()) return std::string(body) + "\n";
    return head_of(request, "Content-Length: " + std::to_string(body.size())) + std::string(body);
}

std::string chunked(const Request& request, std::string_view body) {
    std::string reply = head_of(request, "Transfer-Encoding: chunked");
    while (!body.empty()) {
        const auto piece = body.substr(0, 1000);
        body.remove_prefix(piece.size());
        char size[32];
        std::snprintf(size, sizeof size, "%zX;a=b\r\n", piece.size());
        reply.append(size).append(piece).append("\r\n");
    }
    return reply + "0\r\nTrailer: ignored\r\n\r\n";
}

std::string error(const Request& request, std::string_view text) {
    const std::string document =
        "{\"errorType\":\"Failed\",\"errorMessage\":" + std::string(text) + "}";
    if (!is_framed()) return document + "\n";
    return head_of(request, "Lambda-Runtime-Function-Error-Type: Failed\r\nContent-Length: " +
                                std::to_string(document.size())) +
           document;
}

std::optional<std::string> fail_text(const std::string& event) {
    constexpr std::string_view beginning = "{\"fail\":\"";
    if (!event.starts_with(beginning)) return std::nullopt;
    const std::size_t begin = beginning.size() - 1;
    std::size_t end = begin + 1;
    while (end < event.size() && event[end] != '"') end += event[end] == '\\' ? 2 : 1;
    return event.substr(begin, end + 1 - begin);
}

std::string right_reply(const Request& request) {
    if (const auto text = fail_text(request.event)) return error(request, *text);
    return counted(request, request.event);
}

}  // namespace worker
