#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

/// All that the zip holds, sorted by name, byte for byte. A folder is an entry only when it is
/// empty.
class Content {
  public:
    /// Adds an entry; `sort` before anything is looked for.
    void add(Entry entry) { entries_.push_back(std::move(entry)); }
    void sort();

    const std::vector<Entry>& entries() const { return entries_; }
    std::vector<Entry>& entries() { return entries_; }

    /// The entry of that name, or null.
    const Entry* find(std::string_view name) const;
    /// Is there an entry of that name, or a folder with entries in it? Follows links; one that
    /// leads nowhere does not count.
    bool holds(std::string_view name) const;
    /// The file that `name` is, or leads to over links; null when there is none.
    const Entry* file(std::string_view name) const;

    std::uint64_t unzipped_size() const;

  private:
    std::string behind_links(std::string_view name) const;

    std::vector<Entry> entries_;
};

}  // namespace forklift::package
