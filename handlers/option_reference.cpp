#include "handlers/option_reference.h"

#include <fmt/format.h>

#include "handlers/option_table.h"
#include "protocol/json.h"

namespace forklift::handlers {

namespace {

std::string default_of(const Option& option) { return option.get(Options()); }

std::string code(std::string_view text) {
    return text.empty() ? std::string() : fmt::format("`{}`", text);
}

/// `text` as troff prints it: a backslash, a dash and a line's first dot or quote are requests to
/// it.
std::string roff(std::string_view text) {
    std::string escaped;
    if (text.starts_with('.') || text.starts_with('\'')) escaped = "\\&";
    for (const char c : text) {
        if (c == '\\') {
            escaped += "\\e";
        } else {
            if (c == '-') escaped += '\\';
            escaped += c;
        }
    }
    return escaped;
}

}  // namespace

std::string options_as_text() {
    std::string text;
    for (const Option& option : option_table()) {
        const std::string otherwise = default_of(option);
        text += fmt::format("{}, {}\n    {}\n    {}; default: {}\n", option.name,
                            variable_name(option), option.description, option.type.words,
                            otherwise.empty() ? "none" : otherwise);
    }
    return text;
}

std::string options_as_markdown() {
    std::string text = "| option | what it takes | default | what it does |\n|---|---|---|---|\n";
    for (const Option& option : option_table()) {
        text += fmt::format("| `{}` | {} | {} | {} |\n", option.name, option.type.words,
                            code(default_of(option)), option.description);
    }
    return text;
}

std::string options_as_man() {
    std::string text;
    for (const Option& option : option_table()) {
        const std::string otherwise = default_of(option);
        text += fmt::format(".TP\n.BR {} \", \" {}\n{}\n.br\nTakes {}.\n", roff(option.name),
                            roff(variable_name(option)), roff(option.description),
                            roff(option.type.words));
        if (!otherwise.empty()) text += fmt::format("The default is\n.BR {} .\n", roff(otherwise));
    }
    return text;
}

std::string options_as_schema() {
    std::string properties;
    for (const Option& option : option_table()) {
        properties += fmt::format(
            "{}          {}: {{\n            \"description\": {},\n            {}\n"
            "          }}",
            properties.empty() ? "" : ",\n", protocol::json_string(option.name),
            protocol::json_string(option.description), option.type.schema);
    }
    return fmt::format(R"({{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "forklift.json: how Forklift runs programs as AWS Lambda functions",
  "type": "object",
  "additionalProperties": false,
  "properties": {{
    "$schema": {{"type": "string"}},
    "handlers": {{
      "description": "Handlers by the name that the function's configuration gives.",
      "type": "object",
      "propertyNames": {{"pattern": "^[^ \t\n]+$"}},
      "additionalProperties": {{
        "type": "object",
        "additionalProperties": false,
        "properties": {{
{}
        }}
      }}
    }}
  }}
}}
)",
                       properties);
}

}  // namespace forklift::handlers
