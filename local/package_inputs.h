#pragma once

#include <ctime>
#include <filesystem>

#include "local/options.h"
#include "local/package/content.h"

namespace forklift::local {

/// What a command line of `forklift package` names, looked up.
struct PackageInputs {
    /// The function's folder, absolute; empty for a layer of bootstrap and shims alone.
    std::filesystem::path folder;
    /// The absolute path of the zip; what a link leads to when it is one.
    std::filesystem::path output;
    /// The files of the layers of --with-layer.
    package::Content layers;
    /// What every entry gets: SOURCE_DATE_EPOCH (reproducible-builds.org), else the earliest time
    /// that a zip can hold.
    std::time_t time = 0;
};

/// Throws UsageError for what is missing or wrong.
PackageInputs read_package_inputs(const PackageOptions& options);

}  // namespace forklift::local
