#pragma once

#include <filesystem>

#include "local/package/content.h"

namespace forklift::package {

/// Adds the files and links in a layer's zip to `layers`, by their names under /opt and with their
/// sizes; what is in them is not looked at. `layers` is sorted after that. Throws
/// std::runtime_error that says what is wrong when it is no zip, or its list of files is damaged.
void read_layer(const std::filesystem::path& zip, Content& layers);

}  // namespace forklift::package
