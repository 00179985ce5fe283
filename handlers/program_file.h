#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forklift::handlers {

/// The first executable file of that name in `path`, a list of folders as in PATH.
std::optional<std::string> find_on_path(std::string_view name, std::string_view path);

/// What the beginning of a file says of how it can be started.
struct ProgramHead {
    /// The words of its #! line as the kernel splits them: the interpreter and at most one
    /// argument. Empty when it has none.
    std::vector<std::string> interpreter;
    /// That line ends with \r\n, and the kernel would take the \r for a part of its last word.
    bool from_windows = false;
    /// It could be read, and holds no NUL. Without a #! line no kernel starts such a file.
    bool is_text = false;
};

ProgramHead read_program_head(const std::string& file);

}  // namespace forklift::handlers
