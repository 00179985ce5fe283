#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "local/package/findings.h"

namespace forklift::package {

constexpr const char* ignore_file_name = ".forkliftignore";

/// Which files of a folder are left out, as .gitignore has it (https://git-scm.com/docs/gitignore):
/// a line is a pattern, and the last one that matches decides. Empty lines and those that begin
/// with # mean nothing; ! takes back what a line before left out; a slash at the end is for folders
/// alone, and one anywhere else ties the pattern to the top folder; * and ? stop at slashes, [a-z]
/// is one character of these, and ** any number of folders. A backslash takes its meaning from the
/// character behind it.
class IgnoreRules {
  public:
    IgnoreRules() = default;
    explicit IgnoreRules(std::string_view text);

    /// Is the file of that path, relative to the folder, left out? What is in a folder that is left
    /// out is not asked for.
    bool leave_out(const std::string& path, bool is_folder) const;

  private:
    struct Rule {
        /// "**" for any number of folders; of the others each is a glob for one name.
        std::vector<std::string> segments;
        bool takes_back = false;
        bool for_folders = false;
    };

    void add(std::string_view line);

    std::vector<Rule> rules_;
};

/// Reads the .forkliftignore of a folder; without one nothing is left out. Finds an error when it
/// is no regular file, larger than 1 MiB, or cannot be read.
IgnoreRules read_ignore_file(const std::filesystem::path& folder, Findings& findings);

}  // namespace forklift::package
