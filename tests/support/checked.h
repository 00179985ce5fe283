#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace forklift::test {

/// The harness itself could not do its work: the test fails with `what` and errno.
[[noreturn]] inline void harness_failed(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// Returns what a system call returned, unless it failed.
inline int checked(int result, const char* what) {
    if (result < 0) harness_failed(what);
    return result;
}

}  // namespace forklift::test
