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

constexpr const Language& python = languages[1];
static_assert(python.name == "Python");

struct Candidate {
    const Language* language;
    std::string file;
};

bool is_file(const std::string& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

/// The files that answer when the name before the function is that of a file without its ending.
std::vector<Candidate> files_at(const std::string& stem) {
    std::vector<Candidate> found;
    for (const Language& language : languages) {
        for (const string_view ending : language.endings) {
            std::string file = stem + std::string(ending);
            if (!ending.empty() && is_file(file)) found.push_back({&language, std::move(file)});
        }
    }
    return found;
}

/// Where Python has the module of a dotted name, `folder/package.module`: in the folder that its
/// packages are, and a package itself in its __init__.py. Empty when a dot has nothing beside it.
std::vector<std::string> module_files(const std::string& stem) {
    const std::size_t name = stem.rfind('/') + 1;
    if (name == stem.size() || stem.ends_with('.') || stem[name] == '.' ||
        stem.find("..", name) != stem.npos)
        return {};
    std::string path = stem;
    std::replace(path.begin() + static_cast<std::ptrdiff_t>(name), path.end(), '.', '/');
    if (path == stem) return {path + "/__init__.py"};
    return {path + ".py", path + "/__init__.py"};
}

std::vector<string_view> present(std::span<const string_view> names) {
    std::vector<string_view> all(names.begin(), names.end());
    std::erase(all, string_view());
    return all;
}

std::string either(const std::vector<std::string>& names) {
    if (names.size() < 2) return fmt::format("{}", fmt::join(names, ""));
    return fmt::format("{} or {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

std::string all_endings() {
    std::vector<string_view> all;
    for (const Language& language : languages)
        for (const string_view ending : present(language.endings)) all.push_back(ending);
    return fmt::format("{}", fmt::join(all, ", "));
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
        return NoSuchHandler{
            fmt::format("{} needs an interpreter for {} ({}), and PATH ({}) has "
                        "none",
                        candidate.file, language.name,
                        fmt::join(present(language.interpreters), ", "), places.path),
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

NoSuchHandler two_answer(const std::string& handler, const Candidate& one, const Candidate& other) {
    return {fmt::format(
        "two files answer to the handler \"{}\": {} and {}; keep one, or name the other one "
        "differently",
        handler, one.file, other.file)};
}

/// A look for a handler's file, from the longest name that it can have to the shortest.
class Search {
  public:
    Search(const std::string& handler, const Places& places) : handler_(handler), places_(places) {}

    std::variant<Resolution, NoFunctionFile, NoSuchHandler> run() {
        const std::size_t name = handler_.rfind('/') + 1;
        // file.function, and in some languages file.Class.function.
        for (auto dot = handler_.rfind('.'); dot != handler_.npos && dot > name;
             dot = handler_.rfind('.', dot - 1)) {
            if (dot + 1 == handler_.size()) continue;
            if (auto found = look_at(dot)) return std::move(*found);
        }
        if (module_) return through_shim(*module_, module_function_, places_);
        return NoFunctionFile{where()};
    }

  private:
    using Found = std::variant<Resolution, NoFunctionFile, NoSuchHandler>;

    /// The function's name begins behind the dot.
    std::optional<Found> look_at(std::size_t dot) {
        const std::string function = handler_.substr(dot + 1);
        const std::string stem =
            (fs::path(places_.task_root) / handler_.substr(0, dot)).lexically_normal().string();
        const auto found = files_at(stem);
        if (found.size() > 1) return two_answer(handler_, found[0], found[1]);
        if (!module_) look_for_module(stem, function, !found.empty());
        // A package's __init__.py has a lower rank than the file that has the package's name.
        if (found.size() == 1 && module_) return two_answer(handler_, found[0], *module_);
        if (found.size() == 1) return through_shim(found[0], function, places_);
        stems_.push_back(stem);
        return std::nullopt;
    }

    void look_for_module(const std::string& stem, const std::string& function, bool has_file) {
        const auto files = module_files(stem);
        if (has_file && files.size() < 2) return;
        for (const std::string& file : files) {
            if (!module_ && is_file(file)) {
                module_ = {&python, file};
                module_function_ = function;
            }
            module_files_.push_back(file);
        }
    }

    std::string where() const {
        if (stems_.empty()) return {};
        return fmt::format("no file {} with one of the endings {}{}{}", either(stems_),
                           all_endings(), module_files_.empty() ? "" : ", nor ",
                           either(module_files_));
    }

    const std::string& handler_;
    const Places& places_;
    std::vector<std::string> stems_;
    std::vector<std::string> module_files_;
    /// The first module of Python that answers, and its function.
    std::optional<Candidate> module_;
    std::string module_function_;
};

}  // namespace

std::variant<Resolution, NoFunctionFile, NoSuchHandler> find_function(const std::string& handler,
                                                                      const Places& places) {
    return Search(handler, places).run();
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
