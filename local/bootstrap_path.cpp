#include "local/bootstrap_path.h"

#include <fmt/format.h>
#include <unistd.h>

#include "local/usage_error.h"
#include "process/own_program.h"

namespace forklift::local {

namespace fs = std::filesystem;

namespace {

bool can_execute(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

fs::path check_chosen(const std::string& chosen) {
    const fs::path path = fs::absolute(chosen).lexically_normal();
    std::error_code ignored;
    if (!fs::exists(path, ignored)) {
        throw UsageError(fmt::format("--bootstrap {}: there is no such file", chosen));
    }
    if (!can_execute(path)) {
        throw UsageError(fmt::format("--bootstrap {}: it is not an executable file", chosen));
    }
    return path;
}

}  // namespace

fs::path folder_of_this_program() { return process::own_program().parent_path(); }

fs::path find_bootstrap(const std::string& chosen) {
    if (!chosen.empty()) return check_chosen(chosen);
    const fs::path here = folder_of_this_program();
    std::string places;
    for (const char* place :
         {"bootstrap", "../lib/forklift/bootstrap", "../libexec/forklift/bootstrap"}) {
        const fs::path path = (here / place).lexically_normal();
        if (can_execute(path)) return path;
        places += "\n  " + path.string();
    }
    throw UsageError("no bootstrap to run; name one with --bootstrap, or put it at one of:" +
                     places);
}

}  // namespace forklift::local
