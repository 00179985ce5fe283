#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "local/options.h"

namespace forklift::local {

/// The function that is being run: what Lambda's configuration of it would say.
struct Function {
    std::string name;
    /// _HANDLER.
    std::string handler;
    /// LAMBDA_TASK_ROOT, absolute.
    std::filesystem::path task_root;
    /// The executable of the runtime, absolute.
    std::filesystem::path bootstrap;
    std::chrono::milliseconds timeout{3000};
    int memory_mb = 128;
    std::string region;
    /// Set for the function in particular, --env.
    std::vector<std::pair<std::string, std::string>> environment;

    /// The function's ARN, with `qualifier` (a version or an alias) unless that is empty.
    std::string arn(std::string_view qualifier = {}) const;
};

/// Makes the function of its options. Throws UsageError that names the option at fault.
Function make_function(const FunctionOptions& options);

/// Where a handler given on the command line lives.
struct HandlerPlace {
    std::filesystem::path task_root;
    std::string handler;
};

/// With a `task_root`, the handler as it is. Else, when the handler names a folder with a
/// forklift.json in it, that folder and the only handler there (see `only_handler`). Else, when the
/// handler names an existing file, or something in an existing folder (dir/file.function), that
/// folder and the last part of the name. Else the current folder and the handler as it is: a
/// program on PATH, or a name in forklift.json.
HandlerPlace place_handler(const std::string& handler, const std::string& task_root);

/// A function name (letters, digits, - and _; at most 64) made from a handler: "greet" of
/// "greet.sh".
std::string name_of_handler(const std::string& handler);

}  // namespace forklift::local
