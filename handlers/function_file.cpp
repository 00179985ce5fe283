#include "handlers/function_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "handlers/program_file.h"
#include "protocol/json.h"

namespace forklift::handlers {

namespace {

namespace fs = std::filesystem;
using std::string_view;

/// What it takes to call a function of a file in one language.
struct Language {
    string_view name;
    /// How the names of its interpreters begin.
    string_view stem;
    std::array<string_view, 3> endings;
    std::array<string_view, 3> interpreters;
    string_view shim;
    /// The language has no way to put descriptors aside, so the shim gets its pipes as 3 and 4, and
    /// user code has the log for stdout.
    bool pipes_aside = false;
    /// How the names of those interpreters begin that have a way all the same.
    string_view except = {};
};

constexpr const char* put_pipes_aside = R"(exec "$0" "$@" 3<&0 4>&1 </dev/null >&2)";

constexpr std::array<Language, 6> languages = {{
    {"shell", "bash", {".sh", ".bash"}, {"bash"}, "bash.sh"},
    {"Python", "python", {".py"}, {"python3"}, "python.py"},
    {"Lua", "lua", {".lua"}, {"lua5.4", "lua", "luajit"}, "lua.lua", true, "luajit"},
    {"JavaScript", "node", {".js", ".mjs", ".cjs"}, {"node"}, "node.mjs"},
    {"Perl", "perl", {".pl"}, {"perl"}, "perl.pl"},
    {"Ruby", "ruby", {".rb"}, {"ruby"}, "ruby.rb"},
}};

struct Candidate {
    const Language* language;
    std::string file;
};

std::vector<Candidate> candidates(const std::string& stem) {
    std::vector<Candidate> found;
    for (const Language& language : languages) {
        for (const string_view ending : language.endings) {
            if (ending.empty()) continue;
            std::string file = stem + std::string(ending);
            std::error_code ignored;
            if (fs::is_regular_file(file, ignored)) found.push_back({&language, std::move(file)});
        }
    }
    return found;
}

std::string all_endings() {
    std::string text;
    for (const Language& language : languages) {
        for (const string_view ending : language.endings) {
            if (!ending.empty()) text += fmt::format("{}{}", text.empty() ? "" : ", ", ending);
        }
    }
    return text;
}

std::string names_of(std::span<const string_view> names) {
    std::string text;
    for (const string_view name : names) {
        if (!name.empty()) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
    }
    return text;
}

/// What the file's own #! line asks for, when it is an interpreter of that language.
std::optional<std::string> chosen_interpreter(const Candidate& candidate, string_view path) {
    const auto words = read_program_head(candidate.file).interpreter;
    if (words.empty()) return std::nullopt;
    const bool through_env = fs::path(words[0]).filename() == "env" && words.size() > 1;
    const std::string& program = through_env ? words[1] : words[0];
    if (!fs::path(program).filename().string().starts_with(candidate.language->stem))
        return std::nullopt;
    if (through_env) return find_on_path(program, path);
    return fs::exists(program) ? std::optional(program) : std::nullopt;
}

std::optional<std::string> find_interpreter(const Candidate& candidate, string_view path) {
    if (auto chosen = chosen_interpreter(candidate, path)) return chosen;
    for (const string_view name : candidate.language->interpreters) {
        if (name.empty()) continue;
        if (auto found = find_on_path(name, path)) return found;
    }
    return std::nullopt;
}

bool needs_pipes_aside(const Language& language, const std::string& interpreter) {
    const std::string name = fs::path(interpreter).filename().string();
    return language.pipes_aside && !name.starts_with(language.except);
}

std::variant<Resolution, NoFunctionFile, NoSuchHandler> through_shim(const Candidate& candidate,
                                                                     const std::string& function,
                                                                     const Places& places) {
    const Language& language = *candidate.language;
    const FunctionFile here{candidate.file, std::string(language.name), std::string(language.shim)};
    const auto interpreter = find_interpreter(candidate, places.path);
    if (!interpreter) {
        return NoSuchHandler{fmt::format("{} needs an interpreter for {} ({}), and PATH ({}) has "
                                         "none",
                                         candidate.file, language.name,
                                         names_of(language.interpreters), places.path),
                             here};
    }
    const std::string shim = (fs::path(places.shims) / language.shim).string();
    if (!fs::exists(shim)) {
        return NoSuchHandler{
            fmt::format("{} needs the shim for {}, {}, which is not there; the folder shims "
                        "belongs beside bootstrap",
                        candidate.file, language.name, shim),
            here};
    }
    Resolution found;
    found.argv = {*interpreter, shim, candidate.file, function};
    if (needs_pipes_aside(language, *interpreter))
        found.argv.insert(found.argv.begin(), {"/bin/sh", "-c", put_pipes_aside});
    found.program = found.argv[0];
    found.rule = fmt::format("the function {} of the file {}", function, candidate.file);
    found.function = here;
    return found;
}

}  // namespace

std::variant<Resolution, NoFunctionFile, NoSuchHandler> find_function(const std::string& handler,
                                                                      const Places& places) {
    const auto slash = handler.rfind('/');
    const std::size_t name = slash == handler.npos ? 0 : slash + 1;
    std::string where;
    // file.function, and in some languages file.Class.function.
    for (auto dot = handler.rfind('.'); dot != handler.npos && dot > name;
         dot = handler.rfind('.', dot - 1)) {
        const std::string function = handler.substr(dot + 1);
        if (function.empty()) continue;
        const std::string stem =
            (fs::path(places.task_root) / handler.substr(0, dot)).lexically_normal().string();
        const auto found = candidates(stem);
        if (found.size() == 1) return through_shim(found[0], function, places);
        if (found.size() > 1) {
            return NoSuchHandler{
                fmt::format("two files answer to the handler \"{}\": {} and {}; keep one, or name "
                            "the other one differently",
                            handler, found[0].file, found[1].file)};
        }
        where += fmt::format("{}no file {} with one of the endings {}", where.empty() ? "" : "; ",
                             stem, all_endings());
    }
    return NoFunctionFile{where};
}

std::optional<std::string> shebang_for(const std::string& file) {
    const std::string ending = fs::path(file).extension().string();
    if (ending.empty()) return std::nullopt;
    for (const Language& language : languages) {
        const auto& endings = language.endings;
        if (std::find(endings.begin(), endings.end(), ending) != endings.end())
            return fmt::format("#!/usr/bin/env {}", language.interpreters[0]);
    }
    return std::nullopt;
}

std::string languages_as_json() {
    const auto present = [](std::span<const string_view> names) {
        std::vector<string_view> all(names.begin(), names.end());
        std::erase(all, string_view());
        return all;
    };
    std::string text;
    for (const Language& language : languages) {
        text += text.empty() ? "[" : ",";
        text += protocol::JsonObject()
                    .text("name", language.name)
                    .texts("endings", present(language.endings))
                    .texts("interpreters", present(language.interpreters))
                    .text("shim", language.shim)
                    .finish();
    }
    return text + "]";
}

}  // namespace forklift::handlers
