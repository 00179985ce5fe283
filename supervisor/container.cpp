#include "supervisor/container.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "handlers/variables.h"
#include "process/own_program.h"

namespace forklift::supervisor {

namespace fs = std::filesystem;

namespace {

/// A variable that holds a whole number, and the option of `forklift serve` that it sets.
struct NumberVariable {
    std::string_view name;
    const char* option;
    int least;
    int most;
    /// Those of AWS's emulator, where it has the variable.
    int otherwise;
};

constexpr NumberVariable number_variables[] = {
    {"PORT", "--port", 0, 65535, 8080},
    {handlers::concurrency_variable, "--concurrency", 1, 1000, 1},
    {"AWS_LAMBDA_FUNCTION_TIMEOUT", "--timeout", 1, 900, 300},
    {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "--memory", 128, 10240, 3008},
};

std::string value_of(const process::Environment& environment, std::string_view name) {
    const char* value = environment.get(name);
    return value ? value : "";
}

std::optional<int> number_in(const std::string& text, int least, int most) {
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    const bool fits =
        read.ec == std::errc() && read.ptr == end && number >= least && number <= most;
    return fits ? std::optional(number) : std::nullopt;
}

bool can_execute(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// Beside the program, and where an installation has it that keeps bootstrap in lib/forklift.
void add_places_near(const fs::path& program, std::vector<fs::path>& places) {
    if (program.empty()) return;
    for (const char* place : {"forklift", "../bin/forklift", "../../bin/forklift"})
        places.push_back((program.parent_path() / place).lexically_normal());
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> made;
    for (std::string& text : strings) made.push_back(text.data());
    made.push_back(nullptr);
    return made;
}

}  // namespace

std::variant<fs::path, std::string> find_forklift(const std::string& path_variable) {
    const fs::path own = process::own_program();
    const fs::path called = process::own_program_as_called();
    std::vector<fs::path> places;
    add_places_near(own, places);
    if (called.parent_path() != own.parent_path()) add_places_near(called, places);
    std::string looked_at;
    for (const fs::path& place : places) {
        if (can_execute(place)) return place;
        looked_at += "\n  " + place.string();
    }
    for (std::size_t at = 0; at < path_variable.size();) {
        const auto end = std::min(path_variable.find(':', at), path_variable.size());
        const fs::path place = fs::path(path_variable.substr(at, end - at)) / "forklift";
        if (place.is_absolute() && can_execute(place)) return place;
        at = end + 1;
    }
    return looked_at + "\n  PATH, which is " + path_variable;
}

std::variant<std::vector<std::string>, std::string> server_arguments(
    const Configuration& configuration, const process::Environment& environment,
    const fs::path& own) {
    std::vector<std::string> arguments = {"forklift", "serve",       "--host",
                                          "0.0.0.0",  "--task-root", configuration.task_root};
    if (!own.empty()) arguments.insert(arguments.end(), {"--bootstrap", own.string()});
    for (const auto& [name, option, least, most, otherwise] : number_variables) {
        std::string value = value_of(environment, name);
        if (value.empty()) value = std::to_string(otherwise);
        const auto number = number_in(value, least, most);
        if (!number) {
            return fmt::format(
                "the environment variable {} is \"{}\"; it must be a whole number from {} to {}",
                name, value, least, most);
        }
        // Written anew: to forklift a number that begins with 0 is an octal one.
        arguments.insert(arguments.end(), {option, std::to_string(*number)});
    }
    if (const auto name = value_of(environment, "AWS_LAMBDA_FUNCTION_NAME"); !name.empty())
        arguments.insert(arguments.end(), {"--name", name});
    arguments.insert(arguments.end(), {"--", configuration.handler});
    return arguments;
}

std::string become_server(const fs::path& forklift, const Configuration& configuration,
                          const process::Environment& environment) {
    auto made = server_arguments(configuration, environment, process::own_program());
    if (auto* mistake = std::get_if<std::string>(&made)) return std::move(*mistake);
    auto& arguments = std::get<std::vector<std::string>>(made);
    ::execv(forklift.c_str(), pointers(arguments).data());
    return fmt::format("{} cannot be started: {}", forklift.string(), std::strerror(errno));
}

}  // namespace forklift::supervisor
