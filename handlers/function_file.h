#pragma once

#include <optional>
#include <string>
#include <variant>

#include "handlers/resolve.h"

namespace forklift::handlers {

/// There is no such file: where it was looked for, in words.
struct NoFunctionFile {
    std::string where;
};

/// Finds the program of a handler `file.function`: the interpreter of the file's language, with its
/// shim. A #! line in the file chooses among the interpreters of the language. The file may be a
/// module of Python by its dotted name: package.module.function. NoSuchHandler when two files
/// answer to the name, or one does and cannot be run.
std::variant<Resolution, NoFunctionFile, NoSuchHandler> find_function(const std::string& handler,
                                                                      const Places& places);

/// The #! line that a program in the language of that file would have, by the file's ending;
/// nothing when no language has it.
std::optional<std::string> shebang_for(const std::string& file);

/// The languages whose functions can be called, as a JSON array: `name`, `endings` of their files,
/// `interpreters` in the order in which they are looked for, and the name of the `shim`.
std::string languages_as_json();

}  // namespace forklift::handlers
