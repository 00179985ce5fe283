#include "handlers/variables.h"

#include <fmt/format.h>

#include "handlers/nearest.h"
#include "handlers/option_table.h"
#include "process/mark.h"
#include "protocol/worker_message.h"

namespace forklift::handlers {

namespace {

constexpr std::string_view prefix = "FORKLIFT_";

std::vector<std::string> variable_names() {
    std::vector<std::string> names{std::string(config_variable), std::string(concurrency_variable)};
    for (const Option& option : option_table()) names.push_back(variable_name(option));
    return names;
}

const Option* find_by_variable(std::string_view variable) {
    for (const Option& option : option_table()) {
        if (variable_name(option) == variable) return &option;
    }
    return nullptr;
}

Complaints set_from_text(const Option& option, std::string_view text, Options& options) {
    auto setting = setting_of(text, option.type);
    if (auto* complaints = std::get_if<Complaints>(&setting)) return std::move(*complaints);
    return option.set(options, std::get<Setting>(setting));
}

std::string mistake(std::string_view name, std::string_view value, const Complaint& complaint) {
    if (complaint.at.empty()) {
        return fmt::format("the environment variable {} is \"{}\"; it must be {}", name,
                           shortened(value), complaint.allowed);
    }
    return fmt::format("the environment variable {} is \"{}\", and {} is {}; it must be {}", name,
                       shortened(value), complaint.at, complaint.found, complaint.allowed);
}

}  // namespace

std::vector<std::string> read_variables(const std::vector<std::string>& environment,
                                        Options& options, std::set<std::string_view>* chosen) {
    std::vector<std::string> mistakes;
    for (const std::string& entry : environment) {
        if (!entry.starts_with(prefix)) continue;
        const auto equals = entry.find('=');
        const std::string name = entry.substr(0, equals);
        if (name == config_variable || name == concurrency_variable) continue;
        // Whoever starts us as its child has given us these.
        if (name == protocol::worker_variable || name == process::mark_variable) continue;
        const std::string value = entry.substr(equals + 1);
        const Option* option = find_by_variable(name);
        if (!option) {
            mistakes.push_back(
                fmt::format("the environment variable {} is not known; did you mean {}?", name,
                            nearest(name, variable_names())));
            continue;
        }
        for (const Complaint& complaint : set_from_text(*option, value, options))
            mistakes.push_back(mistake(name, value, complaint));
        if (chosen) chosen->insert(option->name);
    }
    return mistakes;
}

}  // namespace forklift::handlers
