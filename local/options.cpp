#include "local/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>
#include <sstream>
#include <string_view>

#include "local/package/machine.h"
#include "local/standard_output.h"
#include "protocol/version.h"

namespace forklift::local {

namespace {

constexpr int usage_error = 2;

/// Lambda takes whole seconds up to 900; shorter ones are for trying things out.
const auto is_timeout = CLI::Range(0.001, 900.0, "SECONDS");
const auto is_memory = CLI::Range(128, 10240, "MB");

void add_function_options(CLI::App& command, FunctionOptions& function) {
    command
        .add_option(
            "HANDLER", function.handler,
            "What answers: a file, dir/file.function, a name in forklift.json (or DIR/NAME, "
            "or a folder DIR that has one handler), or a program on PATH")
        ->required();
    command.add_option("--task-root", function.task_root,
                       "The function's folder (LAMBDA_TASK_ROOT); HANDLER is then passed as given. "
                       "Default: the folder of the file that HANDLER names, else this one");
    command.add_option("--bootstrap", function.bootstrap,
                       "The bootstrap to run. Default: the one installed with this program");
    command.add_option("--name", function.name, "The function's name. Default: made from HANDLER");
    command
        .add_option("--timeout", function.timeout_seconds, "Seconds that an invocation may take")
        ->check(is_timeout)
        ->capture_default_str();
    command
        .add_option("--memory", function.memory_mb,
                    "Megabytes that the function is told it has; not enforced")
        ->check(is_memory)
        ->capture_default_str();
    command
        .add_option("--env", function.environment,
                    "NAME=VALUE for the function's environment; may be repeated")
        ->allow_extra_args(false);
}

void add_invoke(CLI::App& app, InvokeOptions& options) {
    CLI::App* command = app.add_subcommand(
        "invoke",
        "Run one event: the answer on stdout, logs on stderr; exit 0, or 1 when the "
        "function failed");
    add_function_options(*command, options.function);
    command->add_option("EVENT", options.event, "The event, @FILE, or - for stdin. Default: {}");
    command->add_option("--client-context", options.client_context,
                        "The client context: JSON, or its base64");
    command->add_option("--cognito-identity", options.cognito_identity,
                        "The caller's Cognito identity: JSON");
    command->add_option("--tenant-id", options.tenant_id, "The tenant's id");
    command->add_option("--trace-id", options.trace_id,
                        "The X-Ray header, \"Root=...;Parent=...;Sampled=0\". Default: a new one");
}

void add_serve(CLI::App& app, ServeOptions& options) {
    CLI::App* command = app.add_subcommand(
        "serve",
        "Answer HTTP: each request becomes a function URL event; the Lambda Invoke API is there "
        "too, for the AWS CLI and SDKs with --endpoint-url");
    add_function_options(*command, options.function);
    command->add_option("--host", options.host, "The address to listen at")->capture_default_str();
    command->add_option("--port", options.port, "The port to listen at; 0 for any free one")
        ->capture_default_str();
    command
        ->add_option("--concurrency", options.concurrency,
                     "Environments that may run at the same time, each with its own bootstrap")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command
        ->add_option("--allow-host", options.allowed_hosts,
                     "A host besides this machine that requests may be for, or \"*\" for any; may "
                     "be repeated")
        ->allow_extra_args(false);
    command
        ->add_option("--allow-origin", options.allowed_origins,
                     "A site whose pages may send requests, such as https://app.example.com, or "
                     "\"*\" for any; may be repeated")
        ->allow_extra_args(false);
    command
        ->add_option("--client-timeout", options.client_timeout_seconds,
                     "Seconds that a client may let the server wait: for the next request, or for "
                     "each further part of one")
        ->check(CLI::Range(0.001, 86400.0, "SECONDS"))
        ->capture_default_str();
    command
        ->add_option("--stop-grace", options.stop_grace_seconds,
                     "Seconds that running events may take to end after SIGTERM or SIGINT")
        ->check(CLI::Range(0.0, 900.0, "SECONDS"))
        ->capture_default_str();
}

void add_check(CLI::App& app, CheckOptions& options) {
    CLI::App* command =
        app.add_subcommand("check", "Tell what would run and why, or what is wrong");
    add_function_options(*command, options.function);
    auto* list = command
                     ->add_option("--options", options.list_options,
                                  "List every option of forklift.json instead: as text, markdown, "
                                  "man or schema. Default: text")
                     ->expected(0, 1)
                     ->default_str("text")
                     ->check(CLI::IsMember({"text", "markdown", "man", "schema"}));
    auto* handler = command->get_option("HANDLER")->required(false);
    command->final_callback([list, handler] {
        if (list->empty() && handler->empty()) throw CLI::RequiredError("HANDLER");
    });
}

void add_conformance(CLI::App& app, ConformanceOptions& options) {
    CLI::App* command = app.add_subcommand(
        "conformance",
        "Check a worker against the worker protocol: a TAP report on stdout; exit 0, or 1 when a "
        "check failed");
    command->add_option("--framing", options.framing, "How messages stand: lines or framed")
        ->check(CLI::IsMember({"lines", "framed"}))
        ->capture_default_str();
    command->add_option("--timeout", options.timeout_seconds, "Seconds that an event may take")
        ->check(is_timeout)
        ->capture_default_str();
    command->add_option("COMMAND", options.command, "The worker and its arguments, after --")
        ->required();
}

void add_package(CLI::App& app, PackageOptions& options) {
    CLI::App* command = app.add_subcommand(
        "package",
        "Make a zip for Lambda of a folder, with bootstrap and what it needs; exit 0, or 1 when "
        "something is wrong with the function");
    command->add_option("DIR", options.directory, "The function's folder, all of which goes in");
    command->add_option("-o,--output", options.output, "The zip to write")->required();
    command
        ->add_option("--handler", options.handlers,
                     "A handler that the function will have; may be repeated. Default: those of "
                     "forklift.json, and every file that may hold functions")
        ->allow_extra_args(false);
    command->add_flag("--layer", options.layer,
                      "Make a layer, unpacked at /opt: bootstrap, all shims, and DIR if given");
    command->add_flag("--without-bootstrap", options.without_bootstrap,
                      "Leave out bootstrap and shims, which come with a layer");
    command
        ->add_option("--arch", options.architecture,
                     "What Lambda runs it on: x86_64 or arm64. Default: as this machine")
        ->check(CLI::IsMember({"x86_64", "arm64"}));
    command->add_option("--bootstrap", options.bootstrap,
                        "The bootstrap to pack. Default: the static one installed with this "
                        "program");
    command
        ->add_option(
            "--exclude", options.exclude,
            "A pattern of files to leave out, by name, or by path when it has a slash; "
            "may be repeated. .git, the zip itself and what .forkliftignore names are left out "
            "besides")
        ->allow_extra_args(false);
    command
        ->add_option("--with-layer", options.with_layers,
                     "The zip of a layer that the function will have, for the warnings; to be "
                     "repeated for each")
        ->allow_extra_args(false);
    command->add_flag("--strict", options.strict, "Take warnings for errors");
}

/// What stands after -- as it stands there: CLI11 takes "[a,b]" apart.
void take_verbatim(int argc, const char* const* argv, std::vector<std::string>& command) {
    const auto* const end = argv + argc;
    const auto* const mark = std::find(argv, end, std::string_view("--"));
    if (mark != end) command.assign(mark + 1, end);
}

}  // namespace

std::variant<Options, Answered> parse_options(int argc, const char* const* argv) {
    InvokeOptions invoke;
    ServeOptions serve;
    CheckOptions check;
    ConformanceOptions conformance;
    PackageOptions packaging;
    packaging.architecture = package::this_architecture();
    CLI::App app("Runs any executable as an AWS Lambda function, on this machine", "forklift");
    app.set_version_flag("--version", std::string("forklift ") + protocol::version);
    app.require_subcommand(0, 1);
    app.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string("forklift: ") + error.what() + "; see forklift --help\n";
    });
    add_invoke(app, invoke);
    add_serve(app, serve);
    add_check(app, check);
    add_conformance(app, conformance);
    add_package(app, packaging);
    try {
        app.parse(argc, argv);
        if (app.get_subcommands().empty()) throw CLI::RequiredError("A command");
    } catch (const CLI::ParseError& error) {
        std::ostringstream answer;
        const bool is_mistake = app.exit(error, answer, std::cerr) != 0;
        write_to_stdout(answer.str(), "cannot write the help");
        return Answered{is_mistake ? usage_error : 0};
    }
    if (app.got_subcommand("invoke")) return Options(std::move(invoke));
    if (app.got_subcommand("serve")) return Options(std::move(serve));
    if (app.got_subcommand("package")) return Options(std::move(packaging));
    if (app.got_subcommand("conformance")) {
        take_verbatim(argc, argv, conformance.command);
        return Options(std::move(conformance));
    }
    return Options(std::move(check));
}

}  // namespace forklift::local
