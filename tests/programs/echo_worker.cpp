// A worker that keeps to the protocol in both framings; its function echoes the event. Arguments:
// "chunked" replies in chunks, "silent" does not say that it is ready, "log" writes to stderr.
#include <iostream>
#include <set>
#include <string>

#include "tests/programs/worker.h"

int main(int argc, char** argv) {
    const std::set<std::string> how(argv + 1, argv + argc);
    std::ios::sync_with_stdio(false);
    if (!how.count("silent")) worker::say_ready();
    while (const auto request = worker::read_request()) {
        if (how.count("log")) std::cerr << "an event of " << request->event.size() << " bytes\n";
        const bool fails = worker::fail_text(request->event).has_value();
        worker::write(how.count("chunked") && !fails ? worker::chunked(*request, request->event)
                                                     : worker::right_reply(*request));
    }
}
