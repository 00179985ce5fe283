#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "process/standard_streams.h"
#include "protocol/runtime_api.h"
#include "protocol/version.h"
#include "supervisor/check.h"
#include "supervisor/container.h"
#include "supervisor/lifecycle.h"

namespace {

namespace supervisor = forklift::supervisor;

constexpr int usage_error = 2;

constexpr const char* usage = R"(bootstrap runs any executable as an AWS Lambda function.

Usage: bootstrap [HANDLER]
       bootstrap --check [HANDLER]   say what would run and why, or what is wrong
       bootstrap --check --json [HANDLER...]   the same for programs, of several
                                     handlers; without any, of all in forklift.json
       bootstrap --check --options   list every option; --options=markdown for the
                                     table of the documentation, --options=man for
                                     the manual page, --options=schema for the JSON
                                     Schema of forklift.json
       bootstrap --version | --help

HANDLER is an entry of forklift.json, a file under LAMBDA_TASK_ROOT, an absolute
path, a function of a file (hello.handler is handler in hello.py, .sh, .lua, .js,
.pl or .rb), or a program on PATH; without it _HANDLER names it.

Each event goes to a new process on stdin; what it writes to stdout is the response,
any exit status but 0 an error. A function of a file is loaded once and called for
each event; so is any program that speaks the worker protocol, with the option mode.
A web server, with mode http, is started once and gets each event as a request.

Lambda starts this program itself: put it into the function's zip file under the
name bootstrap, or make it the entry point of the image. Where there is no Lambda,
such an image answers HTTP at PORT, by forklift serve, when the program forklift is
in it. On any other machine
  forklift invoke HANDLER '{"some":"event"}'
runs the same function.
)";

enum class Task { serve, check, report, list_options, help, version, mistake };

struct CommandLine {
    Task task = Task::serve;
    std::vector<std::string> handlers = {};
    std::string mistake = {};
    std::string format = {};

    std::string handler() const { return handlers.empty() ? "" : handlers.front(); }
};

CommandLine unknown(std::string_view argument) {
    return {
        Task::mistake, {}, fmt::format("bootstrap does not know what to do with \"{}\"", argument)};
}

CommandLine read_command_line(int argc, char** argv) {
    CommandLine line;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--help" || argument == "-h") return {Task::help};
        if (argument == "--version") return {Task::version};
        if (argument == "--check") {
            if (line.task == Task::serve) line.task = Task::check;
        } else if (argument == "--options" || argument.starts_with("--options=")) {
            line.task = Task::list_options;
            line.format = argument == "--options" ? "text" : argument.substr(10);
        } else if (argument == "--json" && line.task == Task::check) {
            line.task = Task::report;
        } else if (argument.starts_with('-')) {
            return unknown(argument);
        } else {
            line.handlers.emplace_back(argument);
        }
    }
    if (line.task != Task::report && line.handlers.size() > 1) return unknown(line.handlers[1]);
    return line;
}

/// There is no Lambda: answers HTTP when that can be done.
int serve_by_itself(const supervisor::Configuration& configuration,
                    const forklift::process::Environment& environment) {
    const auto found = supervisor::find_forklift(configuration.path);
    const auto* program = std::get_if<std::filesystem::path>(&found);
    if (program && !configuration.handler.empty()) {
        const auto mistake = supervisor::become_server(*program, configuration, environment);
        fmt::print(stderr, "bootstrap: {}\n", mistake);
        return 1;
    }
    fmt::print(stderr,
               "{}\nAWS_LAMBDA_RUNTIME_API is not set, so there is no Lambda to work for here.\n",
               usage);
    if (program) {
        fmt::print(stderr, "To serve a function over HTTP instead, name the HANDLER.\n");
    } else {
        fmt::print(stderr,
                   "To answer HTTP instead it needs the program forklift, of the same build and "
                   "package, at one of:{}\n",
                   std::get<std::string>(found));
    }
    return usage_error;
}

int serve(const supervisor::Configuration& configuration,
          const forklift::process::Environment& environment) {
    if (configuration.runtime_api.empty()) return serve_by_itself(configuration, environment);
    if (const auto mistake = forklift::protocol::check_api_address(configuration.runtime_api)) {
        fmt::print(stderr, "bootstrap: {}\n", *mistake);
        return usage_error;
    }
    return supervisor::run_environment(configuration);
}

int run(const CommandLine& line) {
    const auto environment = forklift::process::Environment::of_this_process();
    switch (line.task) {
        case Task::help:
            fmt::print("{}", usage);
            return 0;
        case Task::version:
            fmt::print("forklift {}\n", forklift::protocol::version);
            return 0;
        case Task::mistake:
            fmt::print(stderr, "bootstrap: {}; bootstrap --help shows what it takes\n",
                       line.mistake);
            return usage_error;
        case Task::list_options:
            return supervisor::list_options(line.format);
        case Task::check:
            return supervisor::check(
                supervisor::read_platform_variables(environment, line.handler()));
        case Task::report:
            return supervisor::report_plans(supervisor::read_platform_variables(environment, {}),
                                            line.handlers);
        case Task::serve:
            break;
    }
    return serve(supervisor::read_platform_variables(environment, line.handler()), environment);
}

}  // namespace

int main(int argc, char** argv) {
    // A child that does not read its stdin must not end us.
    // What cannot be written is an error where it is written.
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    forklift::process::fill_standard_streams();
    try {
        return run(read_command_line(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bootstrap: %s\n", error.what());
        return 1;
    }
}
