#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/json_value.h"

namespace forklift::handlers {

using List = std::vector<std::string>;
using Map = std::vector<std::pair<std::string, std::string>>;

/// What a user wrote for an option, in the file or in a variable, before its meaning is known.
using Setting = std::variant<std::string, List, Map>;

enum class Shape { text, list, map };

/// The JSON values that a text, or each text of a list or map, may be written as.
enum class Scalars { strings, strings_and_numbers, numbers, booleans };

/// What is wrong with a setting.
struct Complaint {
    /// Where in the setting, as the rest of a JSON Pointer: "" or "/2".
    std::string at;
    /// What stands there, as it was written.
    std::string found;
    /// What may stand there, in words.
    std::string allowed;
};

using Complaints = std::vector<Complaint>;

/// What the settings of an option look like.
struct OptionType {
    Shape shape = Shape::text;
    Scalars scalars = Scalars::strings;
    /// For people: "a duration: 300, 300ms or 2s".
    std::string_view words;
    /// For machines: the members of a JSON Schema, without the braces around them.
    std::string_view schema;
};

/// The setting that `value` is, or what keeps it from being one of `type`.
std::variant<Setting, Complaints> setting_of(const protocol::JsonValue& value,
                                             const OptionType& type);

/// The setting in an environment variable: a list is words, a map NAME=VALUE words with spaces
/// between them; either may be written as JSON instead.
std::variant<Setting, Complaints> setting_of(std::string_view text, const OptionType& type);

/// A list or map as `setting_of` reads it from a variable, in words where that is possible.
std::string show(const List& list);
std::string show(const Map& map);

/// `text` in as many characters as a message has room for.
std::string shortened(std::string_view text);

}  // namespace forklift::handlers
