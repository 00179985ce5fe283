#include "tests/support/one_shot.h"

#include <csignal>
#include <stdexcept>

namespace forklift::test {

Posted answer_to(const Event& event, const TaskRoot& root, const std::string& handler,
                 const Variables& environment) {
    RuntimeApiServer server;
    server.add(event);
    Bootstrap bootstrap(server, root, handler, environment);
    Posted posted{server.next_post(), ""};
    server.wait_for_polls(2);
    if (server.posts().size() != 1) throw std::runtime_error("one event was answered twice");
    // Its log is whole when it has ended.
    bootstrap.signal(SIGTERM);
    posted.errors = bootstrap.wait().errors;
    return posted;
}

Posted answer_of_script(const std::string& lines, const Variables& environment,
                        const Event& event) {
    TaskRoot root;
    root.script("handler", lines);
    return answer_to(event, root, "handler", environment);
}

std::string response_path(const std::string& id) {
    return "/2018-06-01/runtime/invocation/" + id + "/response";
}

std::string error_path(const std::string& id) {
    return "/2018-06-01/runtime/invocation/" + id + "/error";
}

}  // namespace forklift::test
