#pragma once

#include <filesystem>

#include "local/package/content.h"
#include "local/package/exclusion.h"
#include "local/package/findings.h"

namespace forklift::package {

/// Adds what is in `folder` to `content`, but for what `exclusion` matches and the file `output`,
/// and looks at how each file begins. Scripts and programs that have no execute permission, as
/// after a stay on Windows, get it. Errors are found for what cannot be read, or cannot be in a
/// zip: sockets, pipes, devices, names that are not UTF-8.
void read_folder(const std::filesystem::path& folder, const std::filesystem::path& output,
                 Exclusion& exclusion, Content& content, Findings& findings);

/// The entry `name` of a file that is not in the folder. Throws std::runtime_error when it cannot
/// be read.
Entry entry_of_file(const std::string& name, const std::filesystem::path& source, bool executable);

/// Finds errors for links that would point to nothing in Lambda.
void check_links(const Content& content, Findings& findings);

}  // namespace forklift::package
