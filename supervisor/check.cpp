#include "supervisor/check.h"

#include <fmt/format.h>
#include <unistd.h>

#include "handlers/option_reference.h"
#include "handlers/option_table.h"
#include "handlers/recipe.h"
#include "supervisor/plan.h"
#include "supervisor/plan_report.h"

namespace forklift::supervisor {

namespace {

constexpr int usage_error = 2;

void print(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        // Whoever closed the other end has seen enough.
        if (count <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string origin(const handlers::Option& option, const Plan& plan) {
    if (plan.from_variables.contains(option.name)) return "from " + variable_name(option);
    if (plan.from_file.contains(option.name)) return "from " + plan.config_path;
    return "(default)";
}

std::string describe_options(const Plan& plan) {
    std::string text = "options\n";
    for (const handlers::Option& option : handlers::option_table()) {
        const std::string value = option.get(plan.options);
        text += fmt::format("  {:<16} {:<20} {}\n", option.name, value.empty() ? "-" : value,
                            origin(option, plan));
    }
    return text;
}

/// Nobody but the program knows which of its options take a value.
std::string describe_open_arguments(const Plan& plan, const std::string& task_root) {
    std::string text;
    const handlers::Recipe recipe(plan.resolution, plan.options, {}, task_root);
    for (const auto& [argument, option] : recipe.open_to_options()) {
        if (option.empty()) {
            text += fmt::format(
                "warning   the argument \"{}\" begins with what the event holds, so an event can "
                "make an option of it; put \"--\" before it if the program knows that, or set "
                "event_options if it may\n",
                argument);
        } else {
            text += fmt::format(
                "note      the argument \"{}\" is taken for the value of {}; if {} takes none, an "
                "event can make an option of it\n",
                argument, option, option);
        }
    }
    return text;
}

std::string describe_command(const Plan& plan) {
    handlers::List command = plan.resolution.argv;
    for (std::size_t i = 1; i < plan.options.command.size(); ++i)
        command.push_back(plan.options.command[i]);
    return handlers::show(command);
}

}  // namespace

int check(const Configuration& configuration) {
    const auto made = make_plan(process::Environment::of_this_process(), configuration);
    if (const auto* failure = std::get_if<PlanFailure>(&made)) {
        std::string text;
        for (const std::string& message : failure->messages)
            text += fmt::format("{}: {}\n", failure->type, message);
        for (const std::string& warning : failure->warnings)
            text += fmt::format("warning: {}\n", warning);
        print(STDERR_FILENO, text);
        return 1;
    }
    const Plan& plan = std::get<Plan>(made);
    std::string text =
        fmt::format("handler   {}\nruns      {}\nbecause   {}\nmode      {}\n",
                    configuration.handler, describe_command(plan), plan.resolution.rule,
                    handlers::find_option("mode")->get(plan.options));
    for (const std::string& warning : plan.resolution.warnings)
        text += "warning   " + warning + "\n";
    text += describe_open_arguments(plan, configuration.task_root);
    print(STDOUT_FILENO, text + describe_options(plan));
    return 0;
}

int report_plans(const Configuration& configuration, const std::vector<std::string>& handlers) {
    print(STDOUT_FILENO, plan_report(configuration, handlers) + "\n");
    return 0;
}

int list_options(std::string_view format) {
    if (format == "text") {
        print(STDOUT_FILENO, handlers::options_as_text());
    } else if (format == "markdown") {
        print(STDOUT_FILENO, handlers::options_as_markdown());
    } else if (format == "man") {
        print(STDOUT_FILENO, handlers::options_as_man());
    } else if (format == "schema") {
        print(STDOUT_FILENO, handlers::options_as_schema());
    } else {
        print(STDERR_FILENO, "bootstrap: --options takes text, markdown, man or schema\n");
        return usage_error;
    }
    return 0;
}

}  // namespace forklift::supervisor
