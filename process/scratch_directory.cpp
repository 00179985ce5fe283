#include "process/scratch_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace forklift::process {

namespace {

namespace fs = std::filesystem;

/// A program may have left directories that not even their owner may change.
void open_directories(const fs::path& path) {
    std::error_code error;
    fs::permissions(path, fs::perms::owner_all, fs::perm_options::add, error);
    for (const auto& entry : fs::directory_iterator(path, error)) {
        const bool is_link = entry.is_symlink(error);
        if (!is_link && entry.is_directory(error)) open_directories(entry.path());
    }
}

}  // namespace

std::optional<ScratchDirectory> ScratchDirectory::make(std::error_code& error) {
    const char* base = ::getenv("TMPDIR");
    std::string path = std::string(base && *base ? base : "/tmp") + "/forklift-XXXXXX";
    if (!::mkdtemp(path.data())) {
        error.assign(errno, std::system_category());
        return std::nullopt;
    }
    return ScratchDirectory(std::move(path));
}

ScratchDirectory::ScratchDirectory(ScratchDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchDirectory::~ScratchDirectory() { remove(); }

bool ScratchDirectory::remove() {
    if (path_.empty()) return true;
    const std::string path = std::exchange(path_, {});
    std::error_code error;
    fs::remove_all(path, error);
    if (!error) return true;
    open_directories(path);
    fs::remove_all(path, error);
    return !error;
}

}  // namespace forklift::process
