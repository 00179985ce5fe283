#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace forklift::local {

/// What every command says about the function.
struct FunctionOptions {
    std::string handler;
    /// Empty: found by the handler, see `place_handler`.
    std::string task_root;
    /// Empty: found beside this program, see `find_bootstrap`.
    std::string bootstrap;
    /// Empty: made from the handler.
    std::string name;
    double timeout_seconds = 3;
    int memory_mb = 128;
    /// NAME=VALUE each.
    std::vector<std::string> environment;
};

struct InvokeOptions {
    FunctionOptions function;
    /// The event itself, @FILE, or - for stdin.
    std::string event = "{}";
    /// JSON, or the base64 of JSON, as the Invoke API takes it.
    std::string client_context;
    std::string cognito_identity;
    std::string tenant_id;
    std::string trace_id;
};

struct ServeOptions {
    FunctionOptions function;
    std::string host = "127.0.0.1";
    std::uint16_t port = 9000;
    std::size_t concurrency = 1;
    /// See RequestGuard.
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> allowed_origins;
    /// How long a client may let the server wait.
    double client_timeout_seconds = 75;
    /// How long running events may take once the server has been told to end.
    double stop_grace_seconds = 8;
};

struct CheckOptions {
    FunctionOptions function;
    /// "text", "markdown", "man" or "schema": list every option instead; empty to check.
    std::string list_options;
};

struct ConformanceOptions {
    /// "lines" or "framed".
    std::string framing = "lines";
    double timeout_seconds = 5;
    /// argv of the worker.
    std::vector<std::string> command;
};

struct PackageOptions {
    /// Empty for a layer of bootstrap and shims alone.
    std::string directory;
    std::string output;
    std::vector<std::string> handlers;
    bool layer = false;
    bool without_bootstrap = false;
    /// "x86_64" or "arm64".
    std::string architecture;
    /// Empty: found, see `find_packaged_bootstrap`.
    std::string bootstrap;
    std::vector<std::string> exclude;
    /// The zips of all layers that the function will have. Empty: they are not known.
    std::vector<std::string> with_layers;
    bool strict = false;
};

using Options =
    std::variant<InvokeOptions, ServeOptions, CheckOptions, ConformanceOptions, PackageOptions>;

/// The command line was answered already (--help, --version, or a mistake in it that has been
/// explained on stderr); the program ends with `exit_status`.
struct Answered {
    int exit_status = 0;
};

/// Throws as `write_to_stdout` does when help cannot be written.
std::variant<Options, Answered> parse_options(int argc, const char* const* argv);

}  // namespace forklift::local
