#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace forklift::handlers {

/// The program that answers for a handler name.
struct Resolution {
    /// Path of the file to execute.
    std::string program;
    std::vector<std::string> argv;
    /// Which rule found it, in words.
    std::string rule;
    /// What the user should know about it; one sentence each.
    std::vector<std::string> warnings;
};

/// No program answers to the name; the message lists every place looked at.
struct NoSuchHandler {
    std::string message;
};

/// Finds the program of a handler: a file at that path under `task_root` (or absolute), else a bare
/// name on `path`, a list of folders as in PATH. A script with a #! line that has lost its execute
/// permission is run through its interpreter.
std::variant<Resolution, NoSuchHandler> resolve(const std::string& handler,
                                                const std::string& task_root,
                                                std::string_view path);

}  // namespace forklift::handlers
