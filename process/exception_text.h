#pragma once

#include <exception>
#include <string>

namespace forklift::process {

/// What an exception says of itself. It is not null.
inline std::string what(std::exception_ptr exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& known) {
        return known.what();
    } catch (...) {
        return "an unknown exception";
    }
}

}  // namespace forklift::process
