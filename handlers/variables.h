#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "handlers/options.h"

namespace forklift::handlers {

/// The variable that names the configuration file.
inline constexpr std::string_view config_variable = "FORKLIFT_CONFIG";

/// The variable that says how many environments a container that is not on Lambda may have. No
/// option: there it counts before there is a function, and on Lambda it means nothing.
inline constexpr std::string_view concurrency_variable = "FORKLIFT_CONCURRENCY";

/// Sets the options from FORKLIFT_ variables among `environment`, NAME=value entries. Returns one
/// sentence for each mistake: an unknown variable, or a value of the wrong type. The names of the
/// options that were set go into `chosen`, where it is given.
std::vector<std::string> read_variables(const std::vector<std::string>& environment,
                                        Options& options,
                                        std::set<std::string_view>* chosen = nullptr);

}  // namespace forklift::handlers
