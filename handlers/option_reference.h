#pragma once

#include <string>

namespace forklift::handlers {

/// The options as a table for a terminal.
std::string options_as_text();

/// The options as the table of docs/configuration.md.
std::string options_as_markdown();

/// The options as the section of the same name in packaging/man/forklift.json.5, in man(7)'s
/// macros.
std::string options_as_man();

/// docs/forklift.schema.json: what forklift.json may hold, as a JSON Schema (draft 2020-12).
std::string options_as_schema();

}  // namespace forklift::handlers
