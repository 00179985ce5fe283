#include "handlers/resolve.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace forklift::handlers {

namespace {

namespace fs = std::filesystem;

/// What became of a look at one place: the program, or why it is not there.
using Look = std::variant<Resolution, std::string>;

std::string first_line(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string line(512, '\0');
    file.read(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(static_cast<std::size_t>(file.gcount()));
    line.resize(std::min(line.size(), line.find('\n')));
    // A script that was edited on Windows ends its lines with \r\n.
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

/// Splits "#!/usr/bin/env bash -e" as the kernel does: the interpreter and at most one argument.
std::vector<std::string> interpreter_of(const std::string& path) {
    std::string_view line;
    const std::string whole = first_line(path);
    line = whole;
    if (!line.starts_with("#!")) return {};
    line.remove_prefix(2);
    const auto begin = line.find_first_not_of(" \t");
    if (begin == line.npos) return {};
    line = line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
    const auto space = line.find_first_of(" \t");
    std::vector<std::string> parts{std::string(line.substr(0, space))};
    if (space != line.npos) parts.emplace_back(line.substr(line.find_first_not_of(" \t", space)));
    return parts;
}

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

Look look_at_file(const std::string& file) {
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

Look look_on_path(const std::string& name, std::string_view path) {
    for (std::string_view rest = path; !rest.empty();) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        const std::string file = (fs::path(folder.empty() ? "." : folder) / name).string();
        struct stat info {};
        if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        if (::access(file.c_str(), X_OK) != 0) continue;
        return Resolution{file, {name}, fmt::format("{} on PATH", file), {}};
    }
    return fmt::format("no program {} on PATH ({})", name, path);
}

}  // namespace

std::variant<Resolution, NoSuchHandler> resolve(const std::string& handler,
                                                const std::string& task_root,
                                                std::string_view path) {
    if (handler.empty()) {
        return NoSuchHandler{
            "no handler is named: set it in the function's configuration "
            "(_HANDLER), or give it as the first argument"};
    }
    std::vector<std::string> reasons;
    // An absolute handler replaces the task root.
    Look look = look_at_file((fs::path(task_root) / handler).lexically_normal().string());
    if (auto* found = std::get_if<Resolution>(&look)) return std::move(*found);
    reasons.push_back(std::get<std::string>(look));
    if (handler.find('/') == handler.npos) {
        look = look_on_path(handler, path);
        if (auto* found = std::get_if<Resolution>(&look)) return std::move(*found);
        reasons.push_back(std::get<std::string>(look));
    }
    return NoSuchHandler{fmt::format("no program answers to the handler \"{}\": {}", handler,
                                     fmt::join(reasons, "; "))};
}

}  // namespace forklift::handlers
