#include "local/function_environment.h"

#include <string>

namespace forklift::local {

namespace {

/// What another Lambda environment around us may have set, and this one does not have.
void drop_inherited(process::Environment& environment) {
    for (const char* name : {"_X_AMZN_TRACE_ID", "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_EXECUTION_ENV",
                             "_LAMBDA_TELEMETRY_LOG_FD", "_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET",
                             "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN"}) {
        environment.unset(name);
    }
}

void set_default(process::Environment& environment, std::string_view name, std::string_view value) {
    const char* present = environment.get(name);
    if (!present || !*present) environment.set(name, value);
}

}  // namespace

process::Environment function_environment(const Function& function, std::string_view api_address,
                                          std::string_view log_stream) {
    process::Environment environment = process::Environment::of_this_process();
    drop_inherited(environment);
    set_default(environment, "AWS_REGION", function.region);
    set_default(environment, "AWS_DEFAULT_REGION", function.region);
    set_default(environment, "LANG", "en_US.UTF-8");
    // A setting of the function there, which a container has among its variables.
    set_default(environment, "TZ", ":UTC");
    environment.set("_HANDLER", function.handler);
    environment.set("LAMBDA_TASK_ROOT", function.task_root.string());
    environment.set("LAMBDA_RUNTIME_DIR", function.bootstrap.parent_path().string());
    environment.set("AWS_LAMBDA_RUNTIME_API", api_address);
    environment.set("AWS_LAMBDA_FUNCTION_NAME", function.name);
    environment.set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    environment.set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(function.memory_mb));
    environment.set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    environment.set("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name);
    environment.set("AWS_LAMBDA_LOG_STREAM_NAME", log_stream);
    for (const auto& [name, value] : function.environment) environment.set(name, value);
    return environment;
}

}  // namespace forklift::local
