#include "supervisor/plan.h"

#include <fmt/format.h>

#include <optional>

#include "handlers/config_file.h"
#include "handlers/option_conflicts.h"
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

/// Appends what is wrong between the options; `settings` says whose they are.
void check_options(const Options& options, std::string_view settings,
                   std::vector<std::string>& mistakes) {
    for (const handlers::Complaint& complaint : handlers::check_together(options)) {
        mistakes.push_back(fmt::format("{}: {}: found {}; allowed: {}", settings, complaint.at,
                                       complaint.found, complaint.allowed));
    }
}

/// The variables are set on the entry's options, and the two together checked once more: a
/// variable may have made a pair of them that the file alone had not.
void set_variables(const process::Environment& environment, Plan& plan,
                   std::vector<std::string>& mistakes) {
    const bool fine_before = handlers::check_together(plan.options).empty();
    for (std::string& mistake :
         handlers::read_variables(environment.entries(), plan.options, &plan.from_variables))
        mistakes.push_back(std::move(mistake));
    if (fine_before && mistakes.empty())
        check_options(plan.options, "the FORKLIFT_ variables", mistakes);
}

/// Fills in what follows from the program. A function of a file is a framed worker and nothing
/// else.
void set_mode(Plan& plan, const std::string& handler, std::vector<std::string>& mistakes) {
    Options& options = plan.options;
    const bool is_function = plan.resolution.function.has_value();
    if (is_function && options.mode.value_or(handlers::Mode::worker) != handlers::Mode::worker) {
        mistakes.push_back(fmt::format(
            "the handler {} is {}, which cannot run in mode {}; "
            "leave mode out",
            handler, plan.resolution.rule, handlers::find_option("mode")->get(options)));
    }
    using protocol::Framing;
    if (is_function && options.framing.value_or(Framing::framed) == Framing::lines) {
        mistakes.push_back(
            fmt::format("the handler {} is {}, which has the framing framed; leave "
                        "framing out",
                        handler, plan.resolution.rule));
    }
    const bool chosen = options.mode.has_value();
    if (!chosen) options.mode = is_function ? handlers::Mode::worker : handlers::Mode::fork;
    if (!chosen) check_options(options, "the options of " + handler, mistakes);
    if (*options.mode != handlers::Mode::worker) return;
    if (!options.framing) options.framing = is_function ? Framing::framed : Framing::lines;
    if (!options.wait_ready) options.wait_ready = is_function;
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

/// What is wrong with the other entries of the file.
std::vector<std::string> mistakes_of_others(const ConfigFile& file, const std::string& handler) {
    std::vector<std::string> mistakes;
    for (const auto& entry : file.entries) {
        if (entry.name == handler) continue;
        for (const std::string& mistake : entry.mistakes)
            mistakes.push_back(fmt::format("the handler {} cannot run: {}", entry.name, mistake));
    }
    return mistakes;
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
    std::vector<std::string> others;
    if (file) {
        plan.config_path = file->path;
        others = mistakes_of_others(*file, configuration.handler);
    }
    const auto invalid = [&] {
        return PlanFailure{.type = "Runtime.ConfigInvalid",
                           .messages = mistakes,
                           .program = {},
                           .function = {},
                           .warnings = others};
    };
    if (entry) {
        mistakes = entry->mistakes;
        plan.options = entry->options;
        plan.from_file = entry->chosen;
    }
    set_variables(environment, plan, mistakes);
    if (!mistakes.empty()) return invalid();

    const auto [program, path] = program_of(configuration, plan.options);
    auto found = handlers::resolve(program, {configuration.task_root, path, configuration.shims});
    if (auto* missing = std::get_if<handlers::NoSuchHandler>(&found)) {
        return PlanFailure{"Runtime.NoSuchHandler",
                           {missing->message + (entry ? "" : names_in(*file))},
                           program,
                           std::move(missing->function),
                           path == configuration.path ? std::string() : path,
                           others};
    }
    plan.resolution = std::move(std::get<handlers::Resolution>(found));
    set_mode(plan, configuration.handler, mistakes);
    if (!mistakes.empty()) return invalid();
    plan.resolution.rule = rule(plan, configuration, plan.resolution.rule);
    for (std::string& other : others) plan.resolution.warnings.push_back(std::move(other));
    return plan;
}

}  // namespace forklift::supervisor
