#pragma once

#include <zip.h>

#include <filesystem>
#include <memory>

namespace forklift::package {

/// Without zip_close nothing is written.
struct DiscardArchive {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

/// zip_open with these flags, as ZIP_RDONLY. Throws std::runtime_error with libzip's reason.
Archive open_archive(const std::filesystem::path& path, int flags);

}  // namespace forklift::package
