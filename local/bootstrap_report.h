#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace forklift::local {

/// What bootstrap says of one handler: see plan_report.h of the supervisor.
struct HandlerReport {
    struct Function {
        std::string file;
        std::string language;
        std::string shim;
    };

    std::string handler;
    /// The name or path of the program that the handler asks for.
    std::string program;
    /// The file that runs, as far as there is one here.
    std::string path;
    bool on_path = false;
    std::optional<Function> function;
    /// PATH of the program, if its entry in forklift.json sets one.
    std::string search_path;
    /// What is wrong with its options.
    std::vector<std::string> mistakes;
    /// Why nothing answers here; empty when something does.
    std::string missing;
};

/// A language whose functions bootstrap can call.
struct LanguageReport {
    std::string name;
    std::vector<std::string> endings;
    std::vector<std::string> interpreters;
    std::string shim;
};

struct BootstrapReport {
    std::vector<HandlerReport> handlers;
    std::vector<LanguageReport> languages;
    /// What is wrong with forklift.json as a whole.
    std::vector<std::string> mistakes;
};

/// Asks `bootstrap --check --json` about `handlers`, or about those of forklift.json when that is
/// empty, with `task_root` as the function's folder and no FORKLIFT_ variable of this process.
/// Throws std::runtime_error when bootstrap does not answer.
BootstrapReport ask_bootstrap(const std::filesystem::path& bootstrap,
                              const std::filesystem::path& task_root,
                              const std::vector<std::string>& handlers);

}  // namespace forklift::local
