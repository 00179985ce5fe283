#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "handlers/options.h"
#include "handlers/resolve.h"
#include "process/environment.h"
#include "protocol/outcome.h"
#include "supervisor/configuration.h"

namespace forklift::supervisor {

/// What is to be run, and by whose choice.
struct Plan {
    handlers::Resolution resolution;
    handlers::Options options;
    /// The configuration file; empty when there is none.
    std::string config_path;
    /// The options that the file's entry names, and those that variables name, which win.
    std::set<std::string_view> from_file;
    std::set<std::string_view> from_variables;
};

/// The mistakes of the user that keep the handler from running: every one there is.
struct PlanFailure {
    std::string type;
    std::vector<std::string> messages;
    /// Runtime.NoSuchHandler: the name that was looked for, and the function's file if that is
    /// there.
    std::string program;
    std::optional<handlers::FunctionFile> function;
    /// PATH of the program, if its entry sets one.
    std::string search_path = {};
    /// What is wrong beside that, and keeps other handlers from running.
    std::vector<std::string> warnings = {};

    protocol::Failure as_failure() const;
};

/// Reads the configuration and finds the program of the handler.
std::variant<Plan, PlanFailure> make_plan(const process::Environment& environment,
                                          const Configuration& configuration);

}  // namespace forklift::supervisor
