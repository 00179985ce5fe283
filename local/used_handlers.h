#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "local/bootstrap_report.h"
#include "local/package/findings.h"
#include "local/package/needs.h"

namespace forklift::local {

/// What the handlers of a function need.
struct UsedHandlers {
    std::vector<package::UsedFunction> functions;
    /// Names of the shims, sorted, each once.
    std::vector<std::string> shims;
};

/// Reads bootstrap's report on the function in `folder`: which files of `place` hold functions, and
/// what will not answer in Lambda. When no `handlers` were named, every file in a language of
/// functions may be one.
UsedHandlers read_used_handlers(const BootstrapReport& report, bool handlers_named,
                                const std::filesystem::path& folder, const package::Place& place,
                                package::Findings& findings);

}  // namespace forklift::local
