#include "tests/support/bootstrap.h"

#include <cstdlib>

#include "tests/support/tested_programs.h"

namespace forklift::test {

Variables usual_environment() {
    Variables variables;
    for (const char* name : {"PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
        if (const char* value = std::getenv(name)) variables[name] = value;
    return variables;
}

ProgramOptions bootstrap_program(const RuntimeApiServer& server, const TaskRoot& root,
                                 const BootstrapOptions& options) {
    ProgramOptions program;
    program.argv = options.wrapper;
    program.argv.push_back(tested_bootstrap());
    program.argv.insert(program.argv.end(), options.arguments.begin(), options.arguments.end());
    program.directory = root.path();
    program.read_errors = options.read_errors;
    program.errors_kind = options.errors_kind;
    program.environment = options.environment;
    program.environment.insert({"AWS_LAMBDA_RUNTIME_API", server.address()});
    program.environment.insert({"LAMBDA_TASK_ROOT", root.path()});
    program.environment.insert({"LANG", "en_US.UTF-8"});
    program.environment.insert({"TZ", ":UTC"});
    if (!options.handler.empty()) program.environment.insert({"_HANDLER", options.handler});
    program.environment.merge(usual_environment());
    return program;
}

}  // namespace forklift::test
