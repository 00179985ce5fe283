#include "handlers/context.h"

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

}  // namespace

process::Environment child_environment() {
    process::Environment environment = process::Environment::of_this_process();
    // The one LAMBDA_RUNTIME_ variable that is the platform's own and not an invocation's.
    const char* found = environment.get(runtime_dir);
    const std::string directory = found ? found : "";
    environment.unset_prefix(variable_prefix);
    if (found) environment.set(runtime_dir, directory);
    environment.unset("AWS_LAMBDA_RUNTIME_API");
    environment.unset(trace_variable);
    return environment;
}

process::Environment with_context(const process::Environment& base,
                                  const protocol::Invocation& invocation) {
    process::Environment environment = base;
    for (const auto& [name, value] : invocation.headers) {
        const std::string_view start = std::string_view(name).substr(0, header_prefix.size());
        if (!protocol::equal_ignoring_case(start, header_prefix)) continue;
        std::string variable;
        for (const char c : name) variable += to_variable_character(c);
        environment.set(variable, value);
    }
    if (const auto trace = invocation.headers.find("Lambda-Runtime-Trace-Id")) {
        environment.set(trace_variable, *trace);
    }
    return environment;
}

}  // namespace forklift::handlers
