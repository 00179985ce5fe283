#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forklift::handlers {

/// The first executable file of that name in `path`, a list of folders as in PATH.
std::optional<std::string> find_on_path(std::string_view name, std::string_view path);

/// The words of a file's #! line as the kernel splits them: the interpreter and at most one
/// argument. Empty when it has none.
std::vector<std::string> interpreter_of(const std::string& file);

}  // namespace forklift::handlers
