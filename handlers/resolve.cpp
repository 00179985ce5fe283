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

/// For a script that the kernel does not start by itself, or not as it is meant.
Resolution through_interpreter(const std::string& file, ProgramHead head, bool may_be_executed) {
    const std::string program = head.interpreter.front();
    Resolution found;
    found.program = program;
    found.rule = fmt::format("the file {}, through its interpreter", file);
    if (!may_be_executed) {
        found.warnings.push_back(
            fmt::format("{} has no execute permission (chmod +x {}); running it through its "
                        "interpreter {}",
                        file, file, program));
    }
    if (head.from_windows) {
        found.warnings.push_back(
            fmt::format("the #! line of {} ends with \\r\\n, as on Windows, and Linux finds no "
                        "interpreter of that name; running it through {}; convert it "
                        "(sed -i 's/\\r$//' {})",
                        file, program, file));
    }
    found.argv = std::move(head.interpreter);
    found.argv.push_back(file);
    return found;
}

/// What a link in the task root points to is the function's own choice, so only the name counts.
bool leads_out_of_root(const fs::path& handler, const Places& places) {
    if (handler.is_absolute()) return false;
    const fs::path root = (fs::path(places.task_root) / "").lexically_normal();
    const fs::path inside = (root / handler).lexically_normal().lexically_relative(root);
    return !inside.empty() && *inside.begin() == "..";
}

/// For a file that no kernel starts, though its ending promises a program: to go on to rule 3 would
/// take "p.py" for the function "py" of the file p.
std::optional<NoSuchHandler> no_program(const std::string& handler, const std::string& file,
                                        const ProgramHead& head, bool may_be_executed) {
    const auto shebang = shebang_for(file);
    if (!shebang || !head.is_text || !head.interpreter.empty()) return std::nullopt;
    const fs::path name(handler);
    return NoSuchHandler{
        fmt::format("no program answers to the handler \"{}\": {} {}has no #! line; make it "
                    "executable and begin "
                    "it with a #! line (chmod +x {}; {}), or name a function of it: {}.FUNCTION",
                    handler, file, may_be_executed ? "" : "is not executable and ", file, *shebang,
                    (name.parent_path() / name.stem()).string())};
}

Look look_for_file(const std::string& handler, const Places& places) {
    // An absolute handler replaces the task root.
    const std::string file = (fs::path(places.task_root) / handler).lexically_normal().string();
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return fmt::format("no file {}", file);
    if (!S_ISREG(info.st_mode)) return fmt::format("{} is not a file", file);
    const bool may_be_executed = ::access(file.c_str(), X_OK) == 0;
    ProgramHead head = read_program_head(file);
    if (!head.interpreter.empty() && (!may_be_executed || head.from_windows))
        return through_interpreter(file, std::move(head), may_be_executed);
    if (auto none = no_program(handler, file, head, may_be_executed)) return std::move(*none);
    if (may_be_executed) {
        Resolution found{file, {file}, fmt::format("the file {}", file), {}};
        if (head.is_text && head.interpreter.empty()) {
            found.warnings.push_back(fmt::format(
                "{} is text without a #! line that names a program, and Linux cannot start it; "
                "begin it with one, as #!/bin/sh",
                file));
        }
        return found;
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
    const auto file = find_on_path(handler, places.path);
    if (!file) return fmt::format("no program {} on PATH ({})", handler, places.path);
    Resolution found{*file, {handler}, fmt::format("{} on PATH", *file), {}, {}, true};
    if (ProgramHead head = read_program_head(*file);
        head.from_windows && !head.interpreter.empty()) {
        found = through_interpreter(*file, std::move(head), true);
        found.rule = fmt::format("{} on PATH, through its interpreter", *file);
        found.on_path = true;
    }
    return found;
}

}  // namespace

std::variant<Resolution, NoSuchHandler> resolve(const std::string& handler, const Places& places) {
    if (handler.empty()) {
        return NoSuchHandler{
            "no handler is named: set it in the function's configuration "
            "(_HANDLER), or give it as the first argument"};
    }
    if (leads_out_of_root(handler, places)) {
        return NoSuchHandler{fmt::format(
            "no program answers to the handler \"{}\": it leads out of the task root {}, and a "
            "relative name stays under it; an absolute one may lead anywhere",
            handler, places.task_root)};
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
