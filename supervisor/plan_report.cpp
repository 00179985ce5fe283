#include "supervisor/plan_report.h"

#include <optional>

#include "handlers/config_file.h"
#include "handlers/function_file.h"
#include "handlers/variables.h"
#include "protocol/json.h"
#include "supervisor/plan.h"

namespace forklift::supervisor {

namespace {

using protocol::JsonObject;

void describe_function(JsonObject& object, const std::optional<handlers::FunctionFile>& function) {
    if (!function) return;
    object.raw("function", JsonObject()
                               .text("file", function->file)
                               .text("language", function->language)
                               .text("shim", function->shim)
                               .finish());
}

void describe_plan(JsonObject& object, const Configuration& configuration, const Plan& plan) {
    const handlers::Resolution& found = plan.resolution;
    const auto& command = plan.options.command;
    object.text("program", command.empty() ? configuration.handler : command[0]);
    // Of a script without execute permission the program is its interpreter.
    const bool is_script = !found.on_path && !found.function && found.argv.size() > 1;
    object.text("path", is_script ? found.argv.back() : found.program);
    object.raw("on_path", found.on_path ? "true" : "false");
    for (const auto& [name, value] : plan.options.environment)
        if (name == "PATH") object.text("search_path", value);
    describe_function(object, found.function);
}

void describe_failure(JsonObject& object, const PlanFailure& failure) {
    if (failure.type != "Runtime.NoSuchHandler") {
        object.texts("mistakes", failure.messages);
        return;
    }
    object.text("program", failure.program);
    object.text("missing", failure.messages.front());
    if (!failure.search_path.empty()) object.text("search_path", failure.search_path);
    describe_function(object, failure.function);
}

std::string describe(const process::Environment& environment, const Configuration& configuration) {
    JsonObject object;
    object.text("handler", configuration.handler);
    const auto made = make_plan(environment, configuration);
    if (const auto* failure = std::get_if<PlanFailure>(&made)) {
        describe_failure(object, *failure);
    } else {
        describe_plan(object, configuration, std::get<Plan>(made));
    }
    return object.finish();
}

}  // namespace

std::string plan_report(Configuration configuration, std::vector<std::string> names) {
    const auto environment = process::Environment::of_this_process();
    const char* config = environment.get(handlers::config_variable);
    const auto file = handlers::find_config(
        configuration.task_root,
        config && *config ? std::optional<std::string>(config) : std::nullopt);
    JsonObject report;
    if (const auto* wrong = std::get_if<handlers::ConfigMistakes>(&file)) {
        report.texts("mistakes", wrong->sentences);
        names.clear();
    } else if (names.empty()) {
        for (const auto& entry : std::get<handlers::ConfigFile>(file).entries)
            names.push_back(entry.name);
    }
    std::string all;
    for (const std::string& name : names) {
        configuration.handler = name;
        all += (all.empty() ? "" : ",") + describe(environment, configuration);
    }
    report.raw("handlers", "[" + all + "]");
    report.raw("languages", handlers::languages_as_json());
    return report.finish();
}

}  // namespace forklift::supervisor
