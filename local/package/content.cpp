#include "local/package/content.h"

#include <algorithm>

namespace forklift::package {

namespace fs = std::filesystem;

namespace {

/// As many links as Linux follows.
constexpr int max_links = 40;

/// The first link on a path, and what stands behind it.
struct Crossing {
    const Entry* link;
    std::string rest;
};

}  // namespace

void Content::sort() {
    // std::string compares bytes as unsigned values, whatever the locale.
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& one, const Entry& other) { return one.name < other.name; });
}

const Entry* Content::find(std::string_view name) const {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), name,
                         [](const Entry& entry, std::string_view key) { return entry.name < key; });
    return found != entries_.end() && found->name == name ? &*found : nullptr;
}

/// The path without links in it; a link is left where they go in a circle.
std::string Content::behind_links(std::string_view name) const {
    const auto crossing = [this](const std::string& path) -> std::optional<Crossing> {
        for (auto end = path.find('/');; end = path.find('/', end + 1)) {
            const Entry* entry = find(std::string_view(path).substr(0, end));
            if (entry && entry->kind == Entry::Kind::link)
                return Crossing{entry, end == path.npos ? "" : path.substr(end + 1)};
            if (end == path.npos) return std::nullopt;
        }
    };
    std::string path = fs::path(name).lexically_normal().string();
    for (int i = 0; i < max_links; ++i) {
        const auto crossed = crossing(path);
        if (!crossed) break;
        fs::path next = fs::path(crossed->link->name).parent_path() / crossed->link->target;
        if (!crossed->rest.empty()) next /= crossed->rest;
        path = next.lexically_normal().string();
    }
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

bool Content::holds(std::string_view name) const {
    const std::string path = behind_links(name);
    if (path == ".") return true;
    if (const Entry* entry = find(path)) return entry->kind != Entry::Kind::link;
    const std::string inside = path + '/';
    const auto after = std::lower_bound(
        entries_.begin(), entries_.end(), inside,
        [](const Entry& entry, const std::string& key) { return entry.name < key; });
    return after != entries_.end() && after->name.starts_with(inside);
}

const Entry* Content::file(std::string_view name) const {
    const Entry* found = find(behind_links(name));
    return found && found->kind == Entry::Kind::file ? found : nullptr;
}

std::uint64_t Content::unzipped_size() const {
    std::uint64_t sum = 0;
    for (const Entry& entry : entries_) sum += entry.size;
    return sum;
}

}  // namespace forklift::package
