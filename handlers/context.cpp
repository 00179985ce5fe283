#include "handlers/context.h"

#include <fmt/format.h>

#include "process/command.h"
#include "protocol/http_field.h"
#include "protocol/shown_bytes.h"

namespace forklift::handlers {

namespace {

constexpr std::string_view header_prefix = "Lambda-Runtime-";
constexpr std::string_view variable_prefix = "LAMBDA_RUNTIME_";
constexpr const char* runtime_dir = "LAMBDA_RUNTIME_DIR";
constexpr const char* trace_variable = "_X_AMZN_TRACE_ID";

char to_variable_character(char c) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return plain ? c : '_';
}

std::string variable_of(std::string_view header) {
    std::string variable;
    for (const char c : header) variable += to_variable_character(c);
    return variable;
}

/// Why a variable cannot be set, or nothing.
std::string obstacle(std::string_view variable, std::string_view value) {
    if (variable == runtime_dir) return "Lambda reserves that name";
    const std::size_t size = variable.size() + 1 + value.size();
    if (size <= process::max_argument_bytes) return {};
    return fmt::format("it has {} bytes, and Linux takes {}", size, process::max_argument_bytes);
}

}  // namespace

process::Environment child_environment() {
    process::Environment environment = process::Environment::of_this_process();
    // The one LAMBDA_RUNTIME_ variable that is the platform's own and not an invocation's.
    const char* found = environment.get(runtime_dir);
    const std::string directory = found ? found : "";
    environment.unset_prefix(variable_prefix);
    if (found) environment.set(runtime_dir, directory);
    for (const char* name : {"AWS_LAMBDA_RUNTIME_API", "_LAMBDA_TELEMETRY_LOG_FD",
                             "_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET", trace_variable})
        environment.unset(name);
    return environment;
}

process::Environment with_context(const process::Environment& base,
                                  const protocol::Invocation& invocation, Journal& journal) {
    process::Environment environment = base;
    const auto add = [&](const std::string& variable, const std::string& value) {
        if (const std::string reason = obstacle(variable, value); !reason.empty())
            journal.warn(fmt::format("{} is left out of the environment: {}", variable, reason));
        else
            environment.set(variable, value);
    };
    for (const auto& [name, value] : invocation.headers) {
        const std::string_view start = std::string_view(name).substr(0, header_prefix.size());
        if (!protocol::equal_ignoring_case(start, header_prefix)) continue;
        // Another name that means the same variable must not take the place of the true one.
        if (protocol::collapsed_name(name) == protocol::lower_case(name))
            add(variable_of(name), value);
        else
            journal.warn(
                fmt::format("{} is left out of the environment: no name of Lambda's is "
                            "written so",
                            protocol::shown_bytes(name)));
    }
    if (const auto trace = invocation.headers.find("Lambda-Runtime-Trace-Id"))
        add(trace_variable, std::string(*trace));
    return environment;
}

}  // namespace forklift::handlers
