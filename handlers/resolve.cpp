#include "handlers/resolve.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "handlers/function_file.h"
#include "handlers/program_file.h"

namespace forklift::handlers {

namespace {

namespace fs = std::filesystem;

/// What became of a look at one place: the program, why it is not there, or why no further place
/// is to be looked at.
using Look = std::variant<Resolution, std::string, NoSuchHandler>;

Resolution through_interpreter(const std::string& file, std::vector<std::string> interpreter) {
    Resolution found;
    found.program = interpreter.front();
    found.rule = fmt::format("the file {}, through its interpreter", file);
    found.warnings.push_back(fmt::format(
        "{} has no execute permission (chmod +x {}); running it through its interpreter {}", file,
        file, interpreter.front()));
    found.argv = std::move(interpreter);
    found.argv.push_back(file);
    return found;
}

Look look_for_file(const std::string& handler, const Places& places) {
    // An absolute handler replaces the task root.
    const std::string file = (fs::path(places.task_root) / handler).lexically_normal().string();
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return fmt::format("no file {}", file);
    if (!S_ISREG(info.st_mode)) return fmt::format("{} is not a file", file);
    if (::access(file.c_str(), X_OK) == 0) {
        return Resolution{file, {file}, fmt::format("the file {}", file), {}};
    }
    if (auto interpreter = interpreter_of(file); !interpreter.empty()) {
        return through_interpreter(file, std::move(interpreter));
    }
    return fmt::format("{} has no execute permission (chmod +x {}) and no #! line", file, file);
}

Look look_for_function(const std::string& handler, const Places& places) {
    auto found = find_function(handler, places);
    if (auto* resolution = std::get_if<Resolution>(&found)) return std::move(*resolution);
    if (auto* wrong = std::get_if<NoSuchHandler>(&found)) return std::move(*wrong);
    return std::move(std::get<NoFunctionFile>(found).where);
}

Look look_on_path(const std::string& handler, const Places& places) {
    // A path is not a bare name.
    if (handler.find('/') != handler.npos) return std::string();
    if (const auto file = find_on_path(handler, places.path))
        return Resolution{*file, {handler}, fmt::format("{} on PATH", *file), {}, {}, true};
    return fmt::format("no program {} on PATH ({})", handler, places.path);
}

}  // namespace

std::variant<Resolution, NoSuchHandler> resolve(const std::string& handler, const Places& places) {
    if (handler.empty()) {
        return NoSuchHandler{
            "no handler is named: set it in the function's configuration "
            "(_HANDLER), or give it as the first argument"};
    }
    std::vector<std::string> reasons;
    for (const auto look : {look_for_file, look_for_function, look_on_path}) {
        Look seen = look(handler, places);
        if (auto* found = std::get_if<Resolution>(&seen)) return std::move(*found);
        if (auto* wrong = std::get_if<NoSuchHandler>(&seen)) return std::move(*wrong);
        if (!std::get<std::string>(seen).empty()) reasons.push_back(std::get<std::string>(seen));
    }
    return NoSuchHandler{fmt::format("no program answers to the handler \"{}\": {}", handler,
                                     fmt::join(reasons, "; "))};
}

}  // namespace forklift::handlers
