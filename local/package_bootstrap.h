#pragma once

#include <filesystem>
#include <string>

#include "local/package/findings.h"

namespace forklift::local {

/// The bootstrap that goes into a zip for `architecture` ("x86_64" or "arm64"): `chosen` when that
/// is not empty, else a static one found beside this program, in ../lib/forklift, or in the
/// neighbouring folder of a build (../static, ../static-arm64). Throws UsageError when there is
/// none, or what there is cannot run in Lambda; a dynamically linked one that was chosen is a
/// warning in `findings`.
std::filesystem::path find_packaged_bootstrap(const std::string& architecture,
                                              const std::string& chosen,
                                              package::Findings& findings);

/// The file of a shim for a zip with that bootstrap. Throws UsageError when it is nowhere.
std::filesystem::path find_packaged_shim(const std::filesystem::path& bootstrap,
                                         const std::string& shim);

/// The bootstrap on this machine that is asked about handlers: the one installed with this program,
/// or else the packaged one. Throws UsageError when neither runs here.
std::filesystem::path find_asked_bootstrap(const std::filesystem::path& packaged);

}  // namespace forklift::local
