#include "local/package/content.h"

#include <algorithm>

namespace forklift::package {

namespace {

/// As many links as Linux follows.
constexpr int max_links = 40;

}  // namespace

void Content::sort() {
    // std::string compares bytes as unsigned values, whatever the locale.
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& one, const Entry& other) { return one.name < other.name; });
}

const Entry* Content::find(std::string_view name) const {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), name,
                         [](const Entry& entry, std::string_view key) { return entry.name < key; });
    return found != entries_.end() && found->name == name ? &*found : nullptr;
}

/// Is it a folder, be it empty or with entries in it?
bool Content::is_folder(std::string_view name) const {
    if (const Entry* entry = find(name)) return entry->kind == Entry::Kind::folder;
    const std::string inside = std::string(name) + '/';
    const auto after = std::lower_bound(
        entries_.begin(), entries_.end(), inside,
        [](const Entry& entry, const std::string& key) { return entry.name < key; });
    return after != entries_.end() && after->name.starts_with(inside);
}

/// What an absolute path without links is called in the zip; nothing when it lies outside.
std::optional<std::string> Content::name_of(const std::string& path) const {
    if (path == root_) return "";
    if (!path.starts_with(root_ + '/')) return std::nullopt;
    return path.substr(root_.size() + 1);
}

Destination Content::follow(std::string_view path) const {
    // Without a slash at its end, so that it is empty for /.
    std::string at = path.starts_with('/') ? "" : root_;
    std::string rest(path);
    for (int links = 0; !rest.empty();) {
        const auto slash = rest.find('/');
        const bool is_last = slash == rest.npos;
        const std::string name = rest.substr(0, slash);
        rest.erase(0, is_last ? slash : slash + 1);
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            at.erase(std::min(at.rfind('/'), at.size()));
            continue;
        }
        const std::string next = at + '/' + name;
        const auto inside = name_of(next);
        const Entry* entry = inside ? find(*inside) : nullptr;
        if (entry && entry->kind == Entry::Kind::link) {
            if (++links > max_links) return {};
            if (entry->target.starts_with('/')) at.clear();
            rest = entry->target + (is_last ? "" : '/' + rest);
            continue;
        }
        const bool is_file = entry && entry->kind == Entry::Kind::file;
        const bool is_there = !inside || inside->empty() || is_folder(*inside);
        if (is_file ? !is_last : !is_there) return {};
        at = next;
    }
    if (const auto inside = name_of(at)) return {Destination::Where::inside, *inside};
    return {Destination::Where::outside, at.empty() ? "/" : at};
}

const Entry* Content::file(std::string_view path) const {
    const Destination led = follow(path);
    const Entry* found = led.where == Destination::Where::inside ? find(led.path) : nullptr;
    return found && found->kind == Entry::Kind::file ? found : nullptr;
}

std::uint64_t Content::unzipped_size() const {
    std::uint64_t sum = 0;
    for (const Entry& entry : entries_) sum += entry.size;
    return sum;
}

}  // namespace forklift::package
