#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/package/elf_file.h"
#include "local/package/shebang.h"

namespace forklift::package {

/// One thing in the zip.
struct Entry {
    enum class Kind { file, link, folder };

    /// Its path there, relative and without a slash at the end.
    std::string name;
    Kind kind = Kind::file;
    /// The file that its bytes come from.
    std::filesystem::path source;
    std::uint64_t size = 0;
    /// It gets 0755; other files get 0644.
    bool executable = false;
    /// The file that it comes from could be executed.
    bool was_executable = false;
    /// Where a link points to, as it stands in the link.
    std::string target;
    /// What it begins with, if that is a `#!` line or an ELF header.
    std::optional<Shebang> shebang;
    std::optional<ElfFile> elf;
};

/// Where a path leads to in Lambda when all links on it are followed.
struct Destination {
    enum class Where {
        /// Something in the zip; `path` is its name there, empty for the folder of it all.
        inside,
        /// `path`, which is absolute, and of which nothing is known.
        outside,
        /// Nothing has that name in the zip, or links go in a circle.
        nowhere
    };
    Where where = Where::nowhere;
    std::string path = {};
};

/// All that the zip holds, sorted by name, byte for byte. A folder is an entry only when it is
/// empty.
class Content {
  public:
    /// Lambda unpacks it to `root`: /var/task, or /opt for a layer.
    explicit Content(std::string root = "/var/task") : root_(std::move(root)) {}
    const std::string& root() const { return root_; }

    /// Adds an entry; `sort` before anything is looked for.
    void add(Entry entry) { entries_.push_back(std::move(entry)); }
    void sort();

    const std::vector<Entry>& entries() const { return entries_; }
    std::vector<Entry>& entries() { return entries_; }

    /// The entry of that name, or null.
    const Entry* find(std::string_view name) const;
    /// Follows `path`, which is absolute or begins at the root, as Linux will: `..` behind a link
    /// is the folder above that to which the link leads.
    Destination follow(std::string_view path) const;
    /// The file in the zip to which `path` leads; null when there is none.
    const Entry* file(std::string_view path) const;

    std::uint64_t unzipped_size() const;

  private:
    bool is_folder(std::string_view name) const;
    std::optional<std::string> name_of(const std::string& path) const;

    std::string root_;
    std::vector<Entry> entries_;
};

}  // namespace forklift::package
