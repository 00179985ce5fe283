#pragma once

#include <stdexcept>

namespace forklift::local {

/// Something the user said cannot be: the program explains it and exits with 2.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace forklift::local
