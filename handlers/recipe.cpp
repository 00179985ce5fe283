#include "handlers/recipe.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace forklift::handlers {

namespace {

constexpr std::array<std::string_view, 6> shells = {"sh", "bash", "dash", "ash", "zsh", "ksh"};

std::string folder_in(const std::string& task_root, const std::string& folder) {
    if (folder.empty()) return {};
    return (std::filesystem::path(task_root) / folder).lexically_normal().string();
}

}  // namespace

Recipe::Recipe(Resolution resolution, Options options, process::Environment environment,
               const std::string& task_root)
    : options_(std::move(options)),
      input_(options_),
      base_{std::move(resolution.program), std::move(resolution.argv), std::move(environment),
            folder_in(task_root, options_.directory), options_.limits} {
    for (const auto& [name, value] : options_.environment) base_.environment.set(name, value);
    for (std::size_t i = 1; i < options_.command.size(); ++i) {
        auto compiled = ArgumentTemplate::compile(options_.command[i]);
        arguments_.push_back(std::move(std::get<ArgumentTemplate>(compiled)));
        for (FileName& file : arguments_.back().files()) {
            (file.which == FileName::Which::input ? input_file_ : output_file_) = std::move(file);
        }
    }
}

FilePaths Recipe::files_in(const std::string& directory) const {
    FilePaths paths;
    if (input_file_) paths.input = directory + "/input" + input_file_->ending;
    if (output_file_) paths.output = directory + "/output" + output_file_->ending;
    return paths;
}

std::variant<process::Command, protocol::Failure> Recipe::command(Event& event,
                                                                  const FilePaths& files) const {
    process::Command command{base_.program, base_.argv, {}, base_.directory, base_.limits};
    for (const ArgumentTemplate& argument : arguments_) {
        if (auto failure = argument.fill(event, files, command.argv)) return std::move(*failure);
    }
    return command;
}

std::vector<Recipe::OpenArgument> Recipe::open_to_options() const {
    std::vector<OpenArgument> open;
    if (options_.event_options) return open;
    std::string option;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
        const ArgumentTemplate& argument = arguments_[i];
        const std::string& text = argument.text();
        if (text == "--" || is_script_of_shell(i)) break;
        // Of several values the second follows no option.
        if (argument.begins_with_field())
            open.push_back({text, argument.spreads() ? std::string() : option});
        const bool is_option = argument.is_literal() && text.size() > 1 && text[0] == '-' &&
                               text.find('=') == text.npos;
        option = is_option ? text : "";
    }
    return open;
}

/// What follows the script of `sh -c` or `python3 -c` is the script's own.
bool Recipe::is_script_of_shell(std::size_t argument) const {
    const std::string name = std::filesystem::path(options_.command.at(0)).filename().string();
    const bool takes_script =
        name.starts_with("python") || std::find(shells.begin(), shells.end(), name) != shells.end();
    if (!takes_script || argument == 0) return false;
    const std::string& before = arguments_[argument - 1].text();
    return before.size() > 1 && before[0] == '-' && before[1] != '-' && before.ends_with('c');
}

}  // namespace forklift::handlers
