#include "tests/support/empty_root.h"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "tests/support/package.h"
#include "tests/support/tested_programs.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

namespace forklift::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* static_shell = "/bin/busybox";

void copy_into(const fs::path& root, const std::string& program, const std::string& name) {
    fs::create_directories((root / name).parent_path());
    fs::copy_file(program, root / name);
}

}  // namespace

std::vector<std::string> in_root(const std::string& root, const std::string& program) {
    std::vector<std::string> argv = {"unshare", "--root=" + root, "--wd=/var/task"};
    if (::geteuid() != 0) argv.push_back("--map-root-user");
    argv.push_back(program);
    return argv;
}

EmptyRoot::EmptyRoot() {
    if (!fs::exists(static_shell))
        throw std::runtime_error("there is no " + std::string(static_shell) +
                                 " for a root without libraries; in Debian it is in the package "
                                 "busybox-static");
    copy_into(files_.path(), static_shell, "bin/sh");
    fs::create_directory(files_.path_of("tmp"));
    fs::create_directory(files_.path_of("var"));
}

void EmptyRoot::deploy() {
    Packaged packaged;
    package_into(packaged, function_.path(), {"--bootstrap", static_program("bootstrap")});
    INFO(packaged.errors);
    REQUIRE(packaged.exit == 0);
    CHECK(packaged.errors.empty());
    fs::remove_all(files_.path_of("var/task"));
    unpack_zip(packaged.zip(), files_.path_of("var/task"));
}

ProgramOptions EmptyRoot::bootstrap(const std::string& address, const std::string& handler,
                                    const Variables& environment) {
    deploy();
    ProgramOptions options;
    options.argv = in_root(files_.path(), "/var/task/bootstrap");
    options.environment = environment;
    options.environment.insert({"AWS_LAMBDA_RUNTIME_API", address});
    options.environment.insert({"LAMBDA_TASK_ROOT", "/var/task"});
    options.environment.insert({"_HANDLER", handler});
    return options;
}

}  // namespace forklift::test
