#pragma once

#include <optional>
#include <string>

#include "tests/support/bootstrap.h"
#include "tests/support/event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_api_server.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// The event of a function URL; `more` are further members, with a comma before them.
Event web(const std::string& method, const std::string& path, const std::string& more = "");

/// A web server in Python, and a bootstrap in mode http that forwards to it.
class Site {
  public:
    /// A server with a path for each thing that servers do.
    static const char* const usual_program;

    explicit Site(Variables environment = {}) : Site(usual_program, std::move(environment)) {}
    /// `program` is server.py, and finds its port in $PORT.
    Site(const std::string& program, Variables environment);

    void begin() { bootstrap.emplace(server, root, "site", environment_); }

    /// What is posted for an event, whatever it is.
    Request post(const Event& event);
    /// The answer, or the error, to an event.
    Json answer(const Event& event);
    Json error(const Event& event);

    std::string pid() { return answer(web("GET", "/pid")).text("/body"); }
    /// How often the usual program has been started.
    std::size_t starts() const { return read_file(root.path_of("starts")).size(); }
    std::string port() const { return environment_.at("FORKLIFT_PORT"); }

    TaskRoot root;
    RuntimeApiServer server;
    std::optional<Bootstrap> bootstrap;

  private:
    Variables environment_;
};

}  // namespace forklift::test
