#include "handlers/recipe.h"

#include <filesystem>

namespace forklift::handlers {

namespace {

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

std::vector<std::string> Recipe::open_to_options() const {
    std::vector<std::string> open;
    for (const ArgumentTemplate& argument : arguments_) {
        if (argument.text() == "--") break;
        if (argument.begins_with_field()) open.push_back(argument.text());
    }
    return open;
}

}  // namespace forklift::handlers
