#include "bench/memory.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace forklift::bench {
namespace {

/// The second number of /proc/PID/statm; 0 when the process is gone.
long resident_pages(const std::filesystem::path& process) {
    std::ifstream statm(process / "statm");
    long size = 0;
    long resident = 0;
    statm >> size >> resident;
    return resident;
}

long resident_pages_below(pid_t process) {
    const std::filesystem::path folder = "/proc/" + std::to_string(process);
    long pages = resident_pages(folder);
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator(folder / "task", gone)) {
        std::ifstream children(thread.path() / "children");
        for (pid_t child = 0; children >> child;) pages += resident_pages_below(child);
    }
    return pages;
}

}  // namespace

double resident_mib(pid_t process) {
    const auto page_size = static_cast<double>(sysconf(_SC_PAGESIZE));
    return static_cast<double>(resident_pages_below(process)) * page_size / (1024 * 1024);
}

}  // namespace forklift::bench
