#include "process/environment.h"

#include <unistd.h>

#include <algorithm>

namespace forklift::process {

namespace {

bool has_name(const std::string& entry, std::string_view name) {
    return entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name);
}

}  // namespace

Environment Environment::of_this_process() {
    Environment environment;
    for (char** entry = ::environ; entry && *entry; ++entry) {
        environment.entries_.emplace_back(*entry);
    }
    return environment;
}

std::vector<std::string>::iterator Environment::find(std::string_view name) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const std::string& entry) { return has_name(entry, name); });
}

void Environment::set(std::string_view name, std::string_view value) {
    std::string entry;
    entry.reserve(name.size() + 1 + value.size());
    entry.append(name).append("=").append(value);
    if (auto found = find(name); found != entries_.end()) {
        *found = std::move(entry);
    } else {
        entries_.push_back(std::move(entry));
    }
}

void Environment::unset(std::string_view name) {
    std::erase_if(entries_, [&](const std::string& entry) { return has_name(entry, name); });
}

void Environment::unset_prefix(std::string_view prefix) {
    std::erase_if(entries_, [&](const std::string& entry) { return entry.starts_with(prefix); });
}

const char* Environment::get(std::string_view name) const {
    for (const std::string& entry : entries_) {
        if (has_name(entry, name)) return entry.c_str() + name.size() + 1;
    }
    return nullptr;
}

}  // namespace forklift::process
