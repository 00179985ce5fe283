#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace forklift::handlers {

/// The file that holds a function, `file.function`.
struct FunctionFile {
    std::string file;
    /// Names of the language and of the shim that calls its functions.
    std::string language;
    std::string shim;
};

/// The program that answers for a handler name.
struct Resolution {
    /// Path of the file to execute.
    std::string program;
    std::vector<std::string> argv;
    /// Which rule found it, in words.
    std::string rule;
    /// What the user should know about it; one sentence each.
    std::vector<std::string> warnings;
    /// Set when it is a function of a file, called by the shim of its language: a framed worker.
    std::optional<FunctionFile> function = {};
    /// It was found on PATH, not in the task root.
    bool on_path = false;
};

/// No program answers to the name, or more than one could; the message lists every place looked at.
struct NoSuchHandler {
    std::string message;
    /// The function's file is there, but what runs it is not.
    std::optional<FunctionFile> function = {};
};

/// Where programs are looked for.
struct Places {
    std::string task_root;
    /// A list of folders, as in PATH.
    std::string path;
    /// The folder of the shims.
    std::string shims;
};

/// Finds the program of a handler, in this order: a file at that path under the task root (or
/// absolute); `file.function`, a function of a file in a language that has a shim; a bare name on
/// PATH. A script with a #! line that has lost its execute permission, or ends its lines with \r\n
/// as on Windows, is run through its interpreter. A relative name stays under the task root.
std::variant<Resolution, NoSuchHandler> resolve(const std::string& handler, const Places& places);

}  // namespace forklift::handlers
