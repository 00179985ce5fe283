#pragma once

#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/runtime_api_server.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// How to start bootstrap as Lambda does: handler and task root by environment.
struct BootstrapOptions {
    /// _HANDLER.
    std::string handler = {};
    /// Further variables, or other values for the usual ones.
    Variables environment = {};
    /// argv after the program's name.
    std::vector<std::string> arguments = {};
    /// A command that starts bootstrap, such as {"prlimit", "--nofile=20"}.
    std::vector<std::string> wrapper = {};
    bool read_errors = true;
    ErrorsKind errors_kind = ErrorsKind::pipe;
};

/// The options of a program for bootstrap at `server` with the functions in `root`.
ProgramOptions bootstrap_program(const RuntimeApiServer& server, const TaskRoot& root,
                                 const BootstrapOptions& options);

/// The real bootstrap at work, until the object goes.
class Bootstrap : public Program {
  public:
    Bootstrap(const RuntimeApiServer& server, const TaskRoot& root, const std::string& handler,
              const Variables& environment = {})
        : Bootstrap(server, root,
                    BootstrapOptions{.handler = handler, .environment = environment}) {}

    Bootstrap(const RuntimeApiServer& server, const TaskRoot& root, const BootstrapOptions& options)
        : Program(bootstrap_program(server, root, options)) {}
};

/// What a program under test needs of this process's environment to run at all: PATH, the place for
/// temporary files and the options of the sanitizers.
Variables usual_environment();

}  // namespace forklift::test
