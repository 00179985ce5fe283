#pragma once

#include <dirent.h>

#include <memory>

namespace forklift::process {

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

/// Owns an open directory stream (opendir(3)).
using Directory = std::unique_ptr<DIR, CloseDirectory>;

}  // namespace forklift::process
