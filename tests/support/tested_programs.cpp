#include "tests/support/tested_programs.h"

#include <cstdlib>
#include <filesystem>

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

bool is_sanitized() {
#ifdef FORKLIFT_SANITIZED
    return true;
#else
    return std::getenv("TESTED_SANITIZED") != nullptr;
#endif
}

}  // namespace forklift::test
