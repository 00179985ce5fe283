#include "process/scratch_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <utility>

#include "process/remove_tree.h"

namespace forklift::process {

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

std::error_code ScratchDirectory::remove() {
    const std::error_code error = path_.empty() ? std::error_code() : remove_tree(path_);
    if (!error) path_.clear();
    return error;
}

}  // namespace forklift::process
