#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "handlers/options.h"

namespace forklift::handlers {

/// One thing a user may choose: the one place where its name, type, default and meaning stand.
struct Option {
    /// The name; as an environment variable it is FORKLIFT_ and the name in capitals.
    std::string_view name;
    /// What a value looks like, for people.
    std::string_view type;
    std::string_view description;
    /// Reads `text` into the options. Returns false when it is not a value of the type.
    bool (*set)(Options&, std::string_view text);
    /// The value in `options`, as `set` would read it.
    std::string (*get)(const Options&);
};

std::span<const Option> option_table();

/// FORKLIFT_STOP_MARGIN for stop_margin.
std::string variable_name(const Option& option);

/// Sets the options from FORKLIFT_ variables among `environment`, NAME=value entries. Returns one
/// sentence for each mistake: an unknown variable, or a value of the wrong type.
std::vector<std::string> read_variables(const std::vector<std::string>& environment,
                                        Options& options);

}  // namespace forklift::handlers
