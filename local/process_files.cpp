#include "local/process_files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "process/process_info.h"

namespace forklift::local {

namespace {

/// The number in a line such as "VmRSS:\t   2048 kB"; 0 when there is no such line.
std::size_t number_after(std::string_view status, std::string_view name) {
    const auto at = status.find(name);
    if (at == status.npos) return 0;
    status.remove_prefix(at + name.size());
    status.remove_prefix(std::min(status.find_first_not_of(" \t"), status.size()));
    std::size_t number = 0;
    std::from_chars(status.data(), status.data() + status.size(), number);
    return number;
}

/// Appends the pids in a children file: "12 13 ".
void append_pids(const process::UniqueFd& file, std::vector<pid_t>& pids) {
    std::string text;
    std::array<char, 4096> part;
    for (ssize_t count; (count = ::pread(file.get(), part.data(), part.size(),
                                         static_cast<off_t>(text.size()))) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(count));
        if (static_cast<std::size_t>(count) < part.size() / 2) break;
    }
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        pid_t pid = 0;
        const auto [after, error] = std::from_chars(at, end, pid);
        if (error == std::errc()) pids.push_back(pid);
        at = after + 1;
    }
}

process::UniqueFd open_file(const std::string& path) {
    return process::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

ProcessFiles::ProcessFiles(pid_t pid)
    : pid_(pid),
      status_(open_file(fmt::format("/proc/{}/status", pid))),
      children_of_first_thread_(open_file(fmt::format("/proc/{0}/task/{0}/children", pid))) {}

std::optional<ProcessFiles::Status> ProcessFiles::status() const {
    std::array<char, 4096> text;
    const ssize_t count = status_ ? ::pread(status_.get(), text.data(), text.size(), 0) : -1;
    if (count <= 0) return std::nullopt;
    const std::string_view lines(text.data(), static_cast<std::size_t>(count));
    return Status{1024 * number_after(lines, "\nVmRSS:"), 1024 * number_after(lines, "\nVmHWM:"),
                  number_after(lines, "\nThreads:")};
}

void ProcessFiles::append_children(std::size_t threads, std::vector<pid_t>& pids) const {
    if (threads > 1) {
        const auto children = process::children_of(pid_);
        pids.insert(pids.end(), children.begin(), children.end());
    } else if (children_of_first_thread_) {
        append_pids(children_of_first_thread_, pids);
    }
}

}  // namespace forklift::local
