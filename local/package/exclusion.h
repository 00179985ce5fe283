#pragma once

#include <string>
#include <vector>

#include "local/package/ignore_rules.h"

namespace forklift::package {

/// The files that are left out: those that a glob of the user's matches (glob(7), without special
/// treatment of leading dots), those of the folder's .forkliftignore, that file itself, and
/// everything named .git. A glob with a slash is held against the path in the folder, where * stops
/// at slashes; one without against the name alone, in any folder. A folder that matches is left out
/// with all that is in it.
class Exclusion {
  public:
    explicit Exclusion(std::vector<std::string> globs, IgnoreRules rules = {})
        : globs_(std::move(globs)), used_(globs_.size()), rules_(std::move(rules)) {}

    /// Is the file of that path, relative to the folder, left out?
    bool matches(const std::string& path, bool is_folder = false);

    /// The globs that have matched nothing so far.
    std::vector<std::string> unused() const;

  private:
    std::vector<std::string> globs_;
    std::vector<bool> used_;
    IgnoreRules rules_;
};

}  // namespace forklift::package
