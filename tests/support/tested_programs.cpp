#include "tests/support/tested_programs.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace forklift::test {

namespace {

std::string tested(const char* built) {
    const char* folder = std::getenv("TESTED_BUILD");
    if (!folder) return built;
    return std::filesystem::absolute(folder) / std::filesystem::path(built).filename();
}

}  // namespace

std::string tested_bootstrap() { return tested(FORKLIFT_BOOTSTRAP); }

std::string tested_forklift() { return tested(FORKLIFT_LOCAL); }

std::string static_program(const std::string& name) {
    const char* folder = std::getenv("TESTED_STATIC_BUILD");
    const auto path =
        std::filesystem::absolute(folder ? folder : FORKLIFT_SOURCE_DIR "/build/static") / name;
    if (!std::filesystem::exists(path))
        throw std::runtime_error("there is no " + path.string() +
                                 ": ./dev static makes it, or TESTED_STATIC_BUILD names the folder "
                                 "of another static build");
    return path;
}

std::string this_architecture() {
#if defined(__aarch64__)
    return "arm64";
#else
    return "x86_64";
#endif
}

bool is_sanitized() {
#ifdef FORKLIFT_SANITIZED
    return true;
#else
    return std::getenv("TESTED_SANITIZED") != nullptr;
#endif
}

}  // namespace forklift::test
