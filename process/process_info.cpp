#include "process/process_info.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "process/directory.h"
#include "process/unique_fd.h"

namespace forklift::process {

namespace {

/// Linux gives a process 6 MiB at the most for its arguments and variables together (execve(2)).
constexpr std::size_t max_file = 6 * 1024 * 1024;

std::string file_of(pid_t pid, const char* name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

/// The whole of a file in /proc, whose size nothing tells; empty when it cannot be read.
std::string read_whole(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 4096> part;
    while (file && text.size() < max_file) {
        const ssize_t count = ::read(file.get(), part.data(), part.size());
        if (count <= 0) break;
        text.append(part.data(), static_cast<std::size_t>(count));
    }
    return text;
}

template <typename Number>
Number take_number(std::string_view& text) {
    Number number{};
    text.remove_prefix(std::min(text.find_first_of("-0123456789"), text.size()));
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

void append_pids(std::string_view text, std::vector<pid_t>& pids) {
    while (text.find_first_of("0123456789") != text.npos) pids.push_back(take_number<pid_t>(text));
}

}  // namespace

std::optional<ProcessInfo> process_info(pid_t pid) {
    const std::string text = read_whole(file_of(pid, "stat"));
    // The name stands in parentheses and may hold anything, parentheses included.
    const auto name_end = text.rfind(')');
    if (name_end == text.npos || name_end + 2 >= text.size()) return std::nullopt;
    std::string_view rest = std::string_view(text).substr(name_end + 2);
    ProcessInfo info;
    info.pid = pid;
    info.is_zombie = rest[0] == 'Z' || rest[0] == 'X';
    info.parent = take_number<pid_t>(rest);
    info.group = take_number<pid_t>(rest);
    // From session, field 6, to itrealvalue, 21.
    for (int field = 6; field <= 21; ++field) take_number<long long>(rest);
    info.start = take_number<std::uint64_t>(rest);
    return info;
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> pids;
    const Directory proc(::opendir("/proc"));
    while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') append_pids(entry->d_name, pids);
    }
    return pids;
}

bool shares_pid_namespace(pid_t pid) {
    struct stat its {};
    struct stat ours {};
    return ::stat(file_of(pid, "ns/pid").c_str(), &its) == 0 &&
           ::stat("/proc/self/ns/pid", &ours) == 0 && its.st_ino == ours.st_ino;
}

std::vector<pid_t> children_of(pid_t pid) {
    std::vector<pid_t> pids;
    const std::string folder = file_of(pid, "task");
    const Directory tasks(::opendir(folder.c_str()));
    while (const dirent* entry = tasks ? ::readdir(tasks.get()) : nullptr) {
        if (entry->d_name[0] != '.')
            append_pids(read_whole(folder + "/" + entry->d_name + "/children"), pids);
    }
    return pids;
}

std::string command_line(pid_t pid, std::size_t max_bytes) {
    std::string text = read_whole(file_of(pid, "cmdline"));
    if (text.empty()) {
        text = read_whole(file_of(pid, "comm"));
        if (!text.empty()) text = "[" + text.substr(0, text.find('\n')) + "]";
    }
    while (text.ends_with('\0')) text.pop_back();
    if (text.size() > max_bytes) text.replace(max_bytes, text.npos, "...");
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
    return text;
}

std::optional<std::string> initial_variable(pid_t pid, const std::string& name) {
    const std::string all = read_whole(file_of(pid, "environ"));
    const std::string beginning = name + "=";
    for (std::string_view rest = all; !rest.empty();) {
        const std::string_view entry = rest.substr(0, rest.find('\0'));
        if (entry.starts_with(beginning)) return std::string(entry.substr(beginning.size()));
        rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    }
    return std::nullopt;
}

}  // namespace forklift::process
