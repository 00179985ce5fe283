#pragma once

#include <string>

namespace forklift::test {

/// The programs under test: those of the build that the tests belong to, or of the build folder
/// that the environment variable TESTED_BUILD names. So the tests of one build can try another's
/// programs.
std::string tested_bootstrap();
std::string tested_forklift();

/// A program of the static build, which stands in build/static or in the folder that the
/// environment variable TESTED_STATIC_BUILD names. Throws when it is not there, with what makes it.
std::string static_program(const std::string& name);

/// What the tests, and small programs of theirs, are built for: "x86_64" or "arm64".
std::string this_architecture();

/// The programs carry sanitizers, which makes them slow and large: built so, or TESTED_SANITIZED is
/// set.
bool is_sanitized();

}  // namespace forklift::test
