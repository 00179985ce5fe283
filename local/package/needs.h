#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "local/package/findings.h"
#include "local/package/place.h"

namespace forklift::package {

/// A function of a file that the zip is to answer with.
struct UsedFunction {
    /// The file's name in the zip.
    std::string file;
    std::string language;
    /// Programs one of which runs it.
    std::vector<std::string> interpreters;
};

/// Warns of scripts whose interpreter Lambda does not have. The files of `functions` are loaded by
/// a shim and need none.
void check_scripts(const Place& place, const std::vector<UsedFunction>& functions,
                   Findings& findings);

/// Warns of functions of files for which there is no interpreter.
void check_functions(const Place& place, const std::vector<UsedFunction>& functions,
                     Findings& findings);

/// Warns of programs and libraries for another machine than `machine`, without their loader or
/// libraries, or built against newer ones than Lambda has.
void check_binaries(const Place& place, std::uint16_t machine, Findings& findings);

}  // namespace forklift::package
