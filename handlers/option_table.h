#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "handlers/options.h"
#include "handlers/setting.h"

namespace forklift::handlers {

/// One thing a user may choose: the one place where its name, type, default and meaning stand.
/// The file, the variables, `--check`, the JSON Schema and the documentation all follow it.
struct Option {
    /// The name in forklift.json; as an environment variable it is FORKLIFT_ and the name in
    /// capitals.
    std::string_view name;
    OptionType type;
    std::string_view description;
    /// Puts `setting`, which has the type's shape, into the options. On a complaint the options
    /// are as they were.
    Complaints (*set)(Options&, const Setting&);
    /// The value in `options`, as a variable would hold it.
    std::string (*get)(const Options&);
};

std::span<const Option> option_table();

/// Null when there is none of that name.
const Option* find_option(std::string_view name);

/// The name of an option that comes nearest to `name`.
std::string nearest_option(std::string_view name);

/// FORKLIFT_STOP_MARGIN for stop_margin.
std::string variable_name(const Option& option);

}  // namespace forklift::handlers
