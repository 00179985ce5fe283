#include "local/package/exclusion.h"

#include <fnmatch.h>

namespace forklift::package {

namespace {

bool glob_matches(std::string glob, const std::string& path) {
    const bool whole_path = glob.find('/') < glob.size() - 1;
    while (glob.size() > 1 && glob.ends_with('/')) glob.pop_back();
    if (glob.starts_with("./")) glob.erase(0, 2);
    if (glob.starts_with('/')) glob.erase(0, 1);
    const std::string name = whole_path ? path : path.substr(path.rfind('/') + 1);
    return ::fnmatch(glob.c_str(), name.c_str(), FNM_PATHNAME) == 0;
}

}  // namespace

bool Exclusion::matches(const std::string& path, bool is_folder) {
    bool out = path == ".git" || path.ends_with("/.git") || path == ignore_file_name ||
               rules_.leave_out(path, is_folder);
    for (std::size_t i = 0; i < globs_.size(); ++i) {
        if (!glob_matches(globs_[i], path)) continue;
        used_[i] = true;
        out = true;
    }
    return out;
}

std::vector<std::string> Exclusion::unused() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < globs_.size(); ++i)
        if (!used_[i]) names.push_back(globs_[i]);
    return names;
}

}  // namespace forklift::package
