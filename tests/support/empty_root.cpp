#include "tests/support/empty_root.h"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "tests/support/tested_programs.h"

namespace forklift::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* static_shell = "/bin/busybox";

void copy_into(const fs::path& root, const std::string& program, const std::string& name) {
    fs::create_directories((root / name).parent_path());
    fs::copy_file(program, root / name);
}

}  // namespace

EmptyRoot::EmptyRoot() {
    if (!fs::exists(static_shell))
        throw std::runtime_error("there is no " + std::string(static_shell) +
                                 " for a root without libraries; in Debian it is in the package "
                                 "busybox-static");
    copy_into(files_.path(), static_program("bootstrap"), "bootstrap");
    copy_into(files_.path(), static_shell, "bin/sh");
    fs::create_directory(fs::path(files_.path()) / "tmp");
}

ProgramOptions EmptyRoot::bootstrap(const std::string& address, const std::string& handler,
                                    const Variables& environment) const {
    ProgramOptions options;
    options.argv = {"unshare", "--root=" + files_.path(), "--wd=/"};
    if (::geteuid() != 0) options.argv.push_back("--map-root-user");
    options.argv.push_back("/bootstrap");
    options.environment = environment;
    options.environment.insert({"AWS_LAMBDA_RUNTIME_API", address});
    options.environment.insert({"LAMBDA_TASK_ROOT", "/"});
    options.environment.insert({"_HANDLER", handler});
    return options;
}

}  // namespace forklift::test
