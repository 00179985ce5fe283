#include "tests/support/proc.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace forklift::test {

namespace {

std::string proc_path(pid_t pid, const char* name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

std::optional<ProcessInfo> read_stat(pid_t pid) {
    std::ifstream file(proc_path(pid, "stat"));
    std::string text;
    if (!std::getline(file, text, '\0')) return std::nullopt;
    // The name stands in parentheses and may hold anything, parentheses included.
    const auto open = text.find('(');
    const auto close = text.rfind(')');
    ProcessInfo info;
    info.pid = pid;
    info.name = text.substr(open + 1, close - open - 1);
    std::istringstream rest(text.substr(close + 1));
    rest >> info.state >> info.parent;
    return info;
}

std::vector<ProcessInfo> all_processes() {
    std::vector<ProcessInfo> all;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        if (auto info = read_stat(std::stoi(name))) all.push_back(std::move(*info));
    }
    return all;
}

long status_kib(pid_t pid, const std::string& key) {
    std::ifstream file(proc_path(pid, "status"));
    for (std::string line; std::getline(file, line);)
        if (line.compare(0, key.size(), key) == 0) return std::stol(line.substr(key.size()));
    throw std::runtime_error("no " + key + " of process " + std::to_string(pid));
}

}  // namespace

std::vector<ProcessInfo> children_of(pid_t pid) {
    auto found = all_processes();
    std::erase_if(found, [pid](const ProcessInfo& info) { return info.parent != pid; });
    return found;
}

std::vector<ProcessInfo> descendants_of(pid_t pid) {
    const auto all = all_processes();
    std::vector<ProcessInfo> found;
    std::vector<pid_t> parents{pid};
    for (std::size_t i = 0; i < parents.size(); ++i) {
        for (const auto& info : all) {
            if (info.parent != parents[i]) continue;
            found.push_back(info);
            parents.push_back(info.pid);
        }
    }
    return found;
}

int zombies_of(pid_t pid) {
    const auto children = children_of(pid);
    return static_cast<int>(std::count_if(children.begin(), children.end(),
                                          [](const auto& child) { return child.state == 'Z'; }));
}

int open_descriptors_of(pid_t pid) {
    const std::filesystem::directory_iterator folder(proc_path(pid, "fd"));
    return static_cast<int>(std::distance(begin(folder), end(folder)));
}

long resident_kib_of(pid_t pid) { return status_kib(pid, "VmRSS:"); }

long virtual_kib_of(pid_t pid) { return status_kib(pid, "VmSize:"); }

long peak_resident_kib_of(pid_t pid) { return status_kib(pid, "VmHWM:"); }

bool is_alive(pid_t pid) {
    const auto info = read_stat(pid);
    return info && info->state != 'Z' && info->state != 'X';
}

}  // namespace forklift::test
