#include "local/package/ignore_rules.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "process/file.h"

namespace forklift::package {

namespace {

constexpr std::size_t max_file = 1024 * 1024;
constexpr std::string_view any_folders = "**";

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    for (;;) {
        const auto end = std::min(path.find('/'), path.size());
        segments.emplace_back(path.substr(0, end));
        if (end == path.size()) return segments;
        path.remove_prefix(end + 1);
    }
}

/// Spaces at the end mean nothing, unless a backslash stands before them.
std::string_view without_end(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
    return line;
}

/// Whether the globs match all names of a path. Where a name does not fit, the last ** takes one
/// more, which is enough: what stood before it has matched.
bool match(const std::vector<std::string>& globs, const std::vector<std::string>& names) {
    std::size_t glob = 0;
    std::size_t name = 0;
    std::size_t after_any = 0;
    std::size_t taken_to = 0;
    while (name < names.size()) {
        if (glob < globs.size() && globs[glob] == any_folders) {
            after_any = ++glob;
            taken_to = name;
            if (glob == globs.size()) return true;
        } else if (glob < globs.size() &&
                   ::fnmatch(globs[glob].c_str(), names[name].c_str(), 0) == 0) {
            ++glob;
            ++name;
        } else if (after_any > 0) {
            glob = after_any;
            name = ++taken_to;
        } else {
            return false;
        }
    }
    return glob == globs.size();
}

}  // namespace

IgnoreRules::IgnoreRules(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        add(without_end(line));
    }
}

void IgnoreRules::add(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    Rule rule;
    if (line.starts_with('!')) {
        rule.takes_back = true;
        line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
        rule.for_folders = true;
        line.remove_suffix(1);
    }
    const bool is_tied = line.find('/') != line.npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) return;
    rule.segments = split(line);
    if (!is_tied) rule.segments.insert(rule.segments.begin(), std::string(any_folders));
    rules_.push_back(std::move(rule));
}

bool IgnoreRules::leave_out(const std::string& path, bool is_folder) const {
    const auto names = split(path);
    const auto decides = [&](const Rule& rule) {
        return (is_folder || !rule.for_folders) && match(rule.segments, names);
    };
    const auto last = std::find_if(rules_.rbegin(), rules_.rend(), decides);
    return last != rules_.rend() && !last->takes_back;
}

IgnoreRules read_ignore_file(const std::filesystem::path& folder, Findings& findings) {
    const std::string path = (folder / ignore_file_name).string();
    std::error_code error;
    const std::string text = process::read_regular_file(path, max_file, error);
    if (!error) return IgnoreRules(text);
    const auto find = [&](const std::string& what) {
        findings.errors.push_back(fmt::format("{} {}", path, what));
        return IgnoreRules();
    };
    if (error == std::errc::no_such_file_or_directory) {
        // A link that leads nowhere would leave nothing out.
        if (!std::filesystem::is_symlink(path)) return {};
    }
    if (error == std::errc::invalid_argument) return find("is not a regular file");
    if (error == std::errc::file_too_large)
        return find(fmt::format("has more than {} bytes", max_file));
    return find("cannot be read: " + error.message());
}

}  // namespace forklift::package
