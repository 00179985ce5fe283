#include "local/worker_command.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "local/function.h"
#include "local/function_environment.h"
#include "local/identifiers.h"

namespace forklift::local {

namespace {

namespace fs = std::filesystem;

/// The file of that name on PATH, or the name as it is, for the start to explain.
std::string find_program(const std::string& name) {
    const char* const path = std::getenv("PATH");
    if (name.empty() || name.find('/') != name.npos || !path) return name;
    for (std::string_view rest = path; !rest.empty();) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        const fs::path file = fs::path(folder.empty() ? "." : folder) / name;
        std::error_code ignored;
        if (fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0)
            return file.string();
    }
    return name;
}

}  // namespace

process::Command worker_command(const std::vector<std::string>& argv, protocol::Framing framing) {
    Function function;
    function.name = name_of_handler(argv.front());
    function.handler = function.name;
    function.task_root = fs::current_path();
    function.bootstrap = "/var/runtime/bootstrap";
    function.region = "us-east-1";

    process::Command command;
    command.program = find_program(argv.front());
    command.argv = argv;
    command.environment = function_environment(function, "", make_log_stream_name());
    // There is no Runtime API for a worker.
    command.environment.unset("AWS_LAMBDA_RUNTIME_API");
    command.environment.set("FORKLIFT_WORKER", protocol::worker_greeting(framing));
    return command;
}

}  // namespace forklift::local
