#include "process/resident_memory.h"

#include <unistd.h>

#include <fstream>
#include <string>

namespace forklift::process {

std::size_t resident_memory(pid_t pid) {
    std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
    std::size_t size = 0;
    std::size_t resident = 0;
    if (!(statm >> size >> resident)) return 0;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace forklift::process
