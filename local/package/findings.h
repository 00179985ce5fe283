#pragma once

#include <string>
#include <vector>

namespace forklift::package {

/// What the user is to be told, one sentence each: the file, what is wrong with it, what to do.
struct Findings {
    /// No zip is made of it.
    std::vector<std::string> errors;
    /// It would probably fail in Lambda.
    std::vector<std::string> warnings;
    /// It was put right, or rests with the function's configuration.
    std::vector<std::string> notes;
};

/// "a, b, c and 4 more": the files that share a finding.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 3);

}  // namespace forklift::package
