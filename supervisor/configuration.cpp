#include "supervisor/configuration.h"

#include <filesystem>

#include "process/own_program.h"

namespace forklift::supervisor {

namespace {

std::string value_or(const process::Environment& environment, const char* name,
                     const std::string& otherwise) {
    const char* value = environment.get(name);
    return value && *value ? value : otherwise;
}

std::string current_folder() {
    std::error_code error;
    const auto folder = std::filesystem::current_path(error);
    return error ? "/" : folder.string();
}

std::string folder_of_shims() { return (process::own_program().parent_path() / "shims").string(); }

}  // namespace

Configuration read_platform_variables(const process::Environment& environment,
                                      const std::string& handler_argument) {
    Configuration configuration;
    configuration.runtime_api = value_or(environment, "AWS_LAMBDA_RUNTIME_API", "");
    configuration.handler =
        handler_argument.empty() ? value_or(environment, "_HANDLER", "") : handler_argument;
    configuration.task_root = value_or(environment, "LAMBDA_TASK_ROOT", current_folder());
    configuration.path = value_or(environment, "PATH", "/usr/local/bin:/usr/bin:/bin");
    configuration.shims = folder_of_shims();
    configuration.log_format =
        to_log_format(value_or(environment, "AWS_LAMBDA_LOG_FORMAT", "Text"));
    configuration.log_level = to_log_level(value_or(environment, "AWS_LAMBDA_LOG_LEVEL", "INFO"));
    return configuration;
}

}  // namespace forklift::supervisor
