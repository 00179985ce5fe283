#include "supervisor/plan.h"

#include <fmt/format.h>

#include <optional>

#include "handlers/config_file.h"
#include "handlers/option_table.h"
#include "handlers/variables.h"
#include "protocol/json_pointer.h"

namespace forklift::supervisor {

namespace {

using handlers::ConfigFile;
using handlers::Options;

std::optional<std::string> config_variable(const process::Environment& environment) {
    const char* value = environment.get(handlers::config_variable);
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

/// The variables are set on the entry's options, and the two together checked once more: a
/// variable may have made a pair of them that the file alone had not.
void set_variables(const process::Environment& environment, Plan& plan,
                   std::vector<std::string>& mistakes) {
    const bool fine_before = handlers::check_together(plan.options).empty();
    for (std::string& mistake :
         handlers::read_variables(environment.entries(), plan.options, &plan.from_variables))
        mistakes.push_back(std::move(mistake));
    if (!fine_before || !mistakes.empty()) return;
    for (const handlers::Complaint& complaint : handlers::check_together(plan.options)) {
        mistakes.push_back(fmt::format("the FORKLIFT_ variables: {}: found {}; allowed: {}",
                                       complaint.at, complaint.found, complaint.allowed));
    }
}

/// The program's name, and the PATH that it is looked for on: the child's own.
std::pair<std::string, std::string> program_of(const Configuration& configuration,
                                               const Options& options) {
    std::pair program(options.command.empty() ? configuration.handler : options.command[0],
                      configuration.path);
    for (const auto& [name, value] : options.environment) {
        if (name == "PATH") program.second = value;
    }
    return program;
}

std::string rule(const Plan& plan, const Configuration& configuration, const std::string& found) {
    if (plan.options.command.empty()) return found;
    if (plan.from_variables.contains("command")) return "FORKLIFT_COMMAND names " + found;
    return fmt::format("/handlers/{} in {} names {}",
                       protocol::pointer_token(configuration.handler), plan.config_path, found);
}

/// What a name that nothing answers to can still be told of the file.
std::string names_in(const ConfigFile& file) {
    if (file.path.empty()) return {};
    std::vector<std::string> names;
    for (const auto& entry : file.entries) names.push_back(entry.name);
    return fmt::format("; no entry of that name under handlers in {} ({})", file.path,
                       names.empty() ? "it has none" : fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace

protocol::Failure PlanFailure::as_failure() const {
    return {type, fmt::format("{}", fmt::join(messages, "; ")), {}};
}

std::variant<Plan, PlanFailure> make_plan(const process::Environment& environment,
                                          const Configuration& configuration) {
    Plan plan;
    std::vector<std::string> mistakes;
    auto read = handlers::find_config(configuration.task_root, config_variable(environment));
    if (auto* wrong = std::get_if<handlers::ConfigMistakes>(&read))
        mistakes = std::move(wrong->sentences);
    auto* file = std::get_if<ConfigFile>(&read);
    const auto* entry = file ? file->find(configuration.handler) : nullptr;
    if (file) plan.config_path = file->path;
    if (entry) {
        plan.options = entry->options;
        plan.from_file = entry->chosen;
    }
    set_variables(environment, plan, mistakes);
    if (!mistakes.empty()) return PlanFailure{"Runtime.ConfigInvalid", std::move(mistakes)};

    const auto [program, path] = program_of(configuration, plan.options);
    auto found = handlers::resolve(program, configuration.task_root, path);
    if (auto* missing = std::get_if<handlers::NoSuchHandler>(&found)) {
        return PlanFailure{"Runtime.NoSuchHandler",
                           {missing->message + (entry ? "" : names_in(*file))}};
    }
    plan.resolution = std::move(std::get<handlers::Resolution>(found));
    plan.resolution.rule = rule(plan, configuration, plan.resolution.rule);
    return plan;
}

}  // namespace forklift::supervisor
