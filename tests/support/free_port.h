#pragma once

#include <string>

namespace forklift::test {

/// A port of 127.0.0.1 that nobody listens on.
std::string free_port();

}  // namespace forklift::test
