#include "local/check_command.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "local/bootstrap_path.h"
#include "local/function.h"
#include "local/function_environment.h"
#include "local/identifiers.h"
#include "process/command.h"
#include "process/spawn_error.h"

namespace forklift::local {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

std::string what_failed(process::SpawnStage stage, const process::Command& command) {
    return process::describe({stage, errno}, command);
}

/// Becomes the command; throws when it cannot.
[[noreturn]] void become(const process::Command& command) {
    if (!command.directory.empty() && ::chdir(command.directory.c_str()) != 0) {
        throw std::runtime_error(what_failed(process::SpawnStage::directory, command));
    }
    // Ignored signals would stay ignored (main ignores this one).
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGXFSZ, SIG_DFL);
    ::execve(command.program.c_str(), pointers(command.argv).data(),
             pointers(command.environment.entries()).data());
    throw std::runtime_error(what_failed(process::SpawnStage::execute, command));
}

}  // namespace

int run_check(const CheckOptions& options) {
    process::Command command;
    if (!options.list_options.empty()) {
        command.program = find_bootstrap(options.function.bootstrap).string();
        command.argv = {"bootstrap", "--check", "--options=" + options.list_options};
        command.environment = process::Environment::of_this_process();
        become(command);
    }
    const Function function = make_function(options.function);
    command.program = function.bootstrap.string();
    command.argv = {"bootstrap", "--check", function.handler};
    // A check talks to no Runtime API; the address is there because a function would have one.
    command.environment = function_environment(function, "127.0.0.1:9001", make_log_stream_name());
    command.directory = function.task_root.string();
    become(command);
}

}  // namespace forklift::local
