#include "tests/support/task_root.h"

#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/checked.h"
#include "tests/support/eventually.h"

namespace forklift::test {

namespace fs = std::filesystem;

TaskRoot::TaskRoot() {
    auto path = (fs::temp_directory_path() / "forklift-test-XXXXXX").string();
    if (!::mkdtemp(path.data())) harness_failed("mkdtemp");
    path_ = path;
}

TaskRoot::~TaskRoot() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string TaskRoot::executable(const std::string& name, std::string_view text) {
    file(name, text);
    fs::permissions(path_ / name, fs::perms(0755));
    return name;
}

std::string TaskRoot::script(const std::string& name, std::string_view lines) {
    return executable(name, "#!/bin/sh\n" + std::string(lines) + "\n");
}

std::string TaskRoot::file(const std::string& name, std::string_view text) {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream out(path_ / name, std::ios::binary);
    out << text;
    out.close();
    if (!out) harness_failed("write " + name);
    return name;
}

std::string TaskRoot::wait_for_file(const std::string& name) const {
    const auto path = path_of(name);
    if (!eventually([&] { return fs::exists(path) && fs::file_size(path) > 0; }))
        throw std::runtime_error("nobody made " + path);
    return read_file(path);
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) harness_failed("read " + path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string helper(const std::string& name) {
    return std::string(FORKLIFT_TEST_PROGRAMS) + "/" + name;
}

}  // namespace forklift::test
