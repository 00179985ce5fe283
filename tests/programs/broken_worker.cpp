// A worker that breaks the protocol in the one way that its argument names, and keeps to it
// otherwise. Some faults show with one event alone, {"number":500}.
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "tests/programs/worker.h"

namespace {

using worker::Request;

bool is_number(const Request& request, int number) {
    return request.event == "{\"number\":" + std::to_string(number) + "}";
}

std::string replaced(std::string text, const std::string& old, const std::string& by) {
    return text.replace(text.find(old), old.size(), by);
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// Faults of the reply to event 500.
const std::map<std::string, std::function<std::string(const Request&)>> of_one_reply = {
    {"wrong_id",
     [](const Request& r) {
         return worker::counted({"wrong", r.event}, r.event);
     }},
    {"two_replies",
     [](const Request& r) { return worker::right_reply(r) + worker::right_reply(r); }},
    {"no_line_end", [](const Request& r) { return r.event; }},
    {"long_length",
     [](const Request& r) { return replaced(worker::right_reply(r), "th: 14", "th: 15"); }},
    {"short_length",
     [](const Request& r) { return replaced(worker::right_reply(r), "th: 14", "th: 13"); }},
    {"bad_chunk",
     [](const Request& r) { return replaced(worker::chunked(r, r.event), "E;a=b", "xyz"); }}};

/// Faults of every reply.
const std::map<std::string, std::function<std::string(const Request&)>> of_every_reply = {
    {"lower_case", [](const Request& r) { return worker::counted(r, lower(r.event)); }},
    {"drops_error", [](const Request& r) { return worker::counted(r, r.event); }},
    {"swaps_answers", [](const Request& r) {
         if (is_number(r, 500)) return worker::counted(r, "{\"number\":501}");
         if (is_number(r, 501)) return worker::counted(r, "{\"number\":500}");
         return worker::right_reply(r);
     }}};

void begin(const std::string& fault) {
    if (fault == "garbage_first") worker::write("Starting up!\n");
    if (fault == "ignores_sigterm") std::signal(SIGTERM, SIG_IGN);
    if (fault == "leaves_a_process" && ::fork() == 0) {
        for (const int stream : {0, 1, 2}) ::close(stream);
        ::sleep(60);
        ::_exit(0);
    }
    if (fault == "init_error") {
        worker::write(
            "Lambda-Runtime-Function-Error-Type: Broken\r\nContent-Length: 26\r\n\r\n"
            "{\"errorMessage\":\"no luck\"} ");
        ::_exit(1);
    }
    worker::say_ready();
}

/// Writes without end before it reads a large event.
void write_first(const std::string& head) {
    if (head.find("Content-Length: 6291456") == head.npos) return;
    worker::write("Transfer-Encoding: chunked\r\n\r\n");
    while (true) worker::write("a\r\n0123456789\r\n");
}

void after_reply(const std::string& fault, const Request& request, int count) {
    if (fault == "dies" && count == 10) ::_exit(3);
    if (fault == "writes_while_idle" && request.event == "{\"idle\":true}") {
        ::usleep(20'000);
        worker::write("nobody asked\n");
    }
}

std::string reply(const std::string& fault, const Request& request) {
    const auto one = of_one_reply.find(fault);
    if (one != of_one_reply.end() && is_number(request, 500)) return one->second(request);
    const auto every = of_every_reply.find(fault);
    return every == of_every_reply.end() ? worker::right_reply(request) : every->second(request);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string fault = argc > 1 ? argv[1] : "";
    std::ios::sync_with_stdio(false);
    begin(fault);
    int count = 0;
    while (const auto head = worker::read_head()) {
        if (fault == "writes_first") write_first(*head);
        const Request request = worker::read_body(*head);
        worker::write(reply(fault, request));
        after_reply(fault, request, ++count);
    }
    while (fault == "ignores_eof") ::pause();
}
