#include "local/function.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>

#include "local/bootstrap_path.h"
#include "local/only_handler.h"
#include "local/usage_error.h"

namespace forklift::local {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_name = 64;

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

std::string check_name(const std::string& name) {
    for (const char c : name) {
        if (!is_name_character(c)) {
            throw UsageError(fmt::format(
                "--name {}: Lambda allows letters, digits, - and _ in a function's name", name));
        }
    }
    if (name.size() > max_name) {
        throw UsageError(fmt::format("--name {}: Lambda allows {} characters", name, max_name));
    }
    return name;
}

std::pair<std::string, std::string> parse_variable(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0) {
        throw UsageError(fmt::format("--env {}: it should be NAME=VALUE", text));
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string region_of_this_process() {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        const char* value = std::getenv(name);
        if (value && *value) return value;
    }
    return "us-east-1";
}

fs::path check_task_root(const std::string& task_root) {
    std::error_code ignored;
    const fs::path path = fs::canonical(task_root, ignored);
    if (path.empty() || !fs::is_directory(path, ignored)) {
        throw UsageError(fmt::format("--task-root {}: there is no such folder", task_root));
    }
    return path;
}

}  // namespace

std::string name_of_handler(const std::string& handler) {
    const fs::path last = fs::path(handler).filename();
    std::string name;
    for (const char c : last.stem().empty() ? handler : last.stem().string()) {
        name += is_name_character(c) ? c : '-';
    }
    if (name.size() > max_name) name.resize(max_name);
    return name.empty() ? "function" : name;
}

HandlerPlace place_handler(const std::string& handler, const std::string& task_root) {
    if (!task_root.empty()) return {check_task_root(task_root), handler};
    std::error_code ignored;
    const fs::path path(handler);
    if (fs::exists(path / "forklift.json", ignored))
        return {fs::canonical(path), only_handler(path)};
    const bool is_file = fs::exists(path, ignored) && !fs::is_directory(path, ignored);
    const bool in_folder = path.has_parent_path() && fs::is_directory(path.parent_path(), ignored);
    if (path.has_filename() && (is_file || in_folder)) {
        return {fs::canonical(fs::absolute(path).parent_path()), path.filename().string()};
    }
    return {fs::current_path(), handler};
}

std::string Function::arn(std::string_view qualifier) const {
    return fmt::format("arn:aws:lambda:{}:123456789012:function:{}{}{}", region, name,
                       qualifier.empty() ? "" : ":", qualifier);
}

Function make_function(const FunctionOptions& options) {
    Function function;
    HandlerPlace place = place_handler(options.handler, options.task_root);
    function.task_root = std::move(place.task_root);
    function.handler = std::move(place.handler);
    function.name =
        options.name.empty() ? name_of_handler(function.handler) : check_name(options.name);
    function.bootstrap = find_bootstrap(options.bootstrap);
    function.timeout =
        std::chrono::milliseconds(static_cast<long>(options.timeout_seconds * 1000 + 0.5));
    function.memory_mb = options.memory_mb;
    function.region = region_of_this_process();
    for (const std::string& text : options.environment) {
        function.environment.push_back(parse_variable(text));
    }
    return function;
}

}  // namespace forklift::local
