#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>

#include "local/package/content.h"

namespace forklift::package {

/// Writes `content` as a zip that is the same bytes for the same content, whatever the machine, its
/// time zone, umask and the times of the files; every entry has the time `time` (UTC). The file
/// appears at `path` when it is whole, and one that was there stays until then, and for good when
/// this fails: then std::runtime_error is thrown. `stop` is asked now and then whether to give up.
/// Needs no more memory for large files than for small ones.
void write_zip(const std::filesystem::path& path, const Content& content, std::time_t time,
               const std::function<bool()>& stop);

/// What a zip can say of a time: from 1980 to 2107, in steps of two seconds.
constexpr std::time_t earliest_zip_time = 315532800;
constexpr std::time_t latest_zip_time = 4354819198;

}  // namespace forklift::package
