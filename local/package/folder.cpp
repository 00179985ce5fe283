#include "local/package/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "process/unique_fd.h"
#include "protocol/json.h"

namespace forklift::package {

namespace fs = std::filesystem;

namespace {

/// A `#!` line that Linux takes has 256 bytes at most.
constexpr std::size_t head_size = 512;

std::string last_error() { return std::strerror(errno); }

/// Fills in what the bytes of a plain file say. Returns what went wrong, or nothing.
std::string look_into(Entry& entry, Findings& findings) {
    // O_NONBLOCK: what was a plain file a moment ago may be a pipe by now.
    const process::UniqueFd file(::open(entry.source.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return last_error();
    std::string head(head_size, '\0');
    const ssize_t count = ::pread(file.get(), head.data(), head.size(), 0);
    if (count < 0) return last_error();
    head.resize(static_cast<std::size_t>(count));
    entry.shebang = read_shebang(head);
    ElfResult elf = read_elf(file.get());
    if (auto* read = std::get_if<ElfFile>(&elf)) entry.elf = std::move(*read);
    if (const auto* broken = std::get_if<BrokenElf>(&elf)) {
        findings.warnings.push_back(
            fmt::format("{} begins like a program but is damaged: {}", entry.name, broken->what));
    }
    return {};
}

bool runs_by_itself(const Entry& entry) {
    if (entry.elf) return entry.elf->is_program;
    // With \r at the end of that line nobody but bootstrap can start it: see Shebang::windows.
    return entry.shebang && !entry.shebang->windows;
}

class FolderReader {
  public:
    FolderReader(fs::path folder, const fs::path& output, Exclusion& exclusion, Content& content,
                 Findings& findings)
        : folder_(std::move(folder)),
          exclusion_(exclusion),
          content_(content),
          findings_(findings) {
        has_output_ = ::stat(output.c_str(), &output_) == 0;
    }

    /// Returns how many entries the folder of that path has given.
    std::size_t read(const std::string& path) {
        std::error_code error;
        std::vector<std::string> names;
        fs::directory_iterator files(folder_ / path, error);
        for (; !error && files != fs::directory_iterator(); files.increment(error))
            names.push_back(files->path().filename().string());
        if (error) complain(path, "cannot be read: " + error.message());
        // What is found comes in the same order everywhere.
        std::sort(names.begin(), names.end());
        std::size_t count = 0;
        for (const std::string& name : names)
            count += take(path.empty() ? name : path + '/' + name);
        return count;
    }

    void report_permissions() {
        if (made_executable_.empty()) return;
        findings_.notes.push_back(
            fmt::format("{} had no execute permission, and has it in the zip (chmod +x keeps it)",
                        some_of(made_executable_)));
    }

  private:
    void complain(const std::string& path, const std::string& what) {
        findings_.errors.push_back(fmt::format("{} {}", (folder_ / path).string(), what));
    }

    std::size_t take(const std::string& path) {
        if (exclusion_.matches(path)) return 0;
        Entry entry;
        entry.name = path;
        entry.source = folder_ / path;
        struct stat info {};
        if (::lstat(entry.source.c_str(), &info) != 0) {
            complain(path, "cannot be read: " + last_error());
            return 0;
        }
        if (has_output_ && info.st_dev == output_.st_dev && info.st_ino == output_.st_ino) return 0;
        if (!protocol::is_utf8(path)) {
            complain(path,
                     "has a name that is not UTF-8; rename it, or leave it out with --exclude");
            return 0;
        }
        if (S_ISDIR(info.st_mode)) return take_folder(std::move(entry));
        if (S_ISLNK(info.st_mode)) return take_link(std::move(entry));
        if (S_ISREG(info.st_mode)) return take_file(std::move(entry), info);
        complain(path,
                 "is a socket, a pipe or a device, which a zip cannot hold; leave it out with "
                 "--exclude");
        return 0;
    }

    std::size_t take_folder(Entry entry) {
        const std::size_t errors = findings_.errors.size();
        const std::size_t count = read(entry.name);
        if (count > 0 || findings_.errors.size() > errors) return count;
        entry.kind = Entry::Kind::folder;
        content_.add(std::move(entry));
        return 1;
    }

    std::size_t take_link(Entry entry) {
        std::error_code error;
        entry.kind = Entry::Kind::link;
        entry.target = fs::read_symlink(entry.source, error).string();
        if (error) complain(entry.name, "cannot be read: " + error.message());
        entry.size = entry.target.size();
        content_.add(std::move(entry));
        return 1;
    }

    std::size_t take_file(Entry entry, const struct stat& info) {
        entry.size = static_cast<std::uint64_t>(info.st_size);
        entry.was_executable = (info.st_mode & 0111) != 0;
        const std::string wrong = look_into(entry, findings_);
        if (!wrong.empty()) {
            complain(entry.name, "cannot be read: " + wrong);
            return 0;
        }
        entry.executable = entry.was_executable || runs_by_itself(entry);
        if (entry.executable && !entry.was_executable) made_executable_.push_back(entry.name);
        content_.add(std::move(entry));
        return 1;
    }

    fs::path folder_;
    struct stat output_ {};
    bool has_output_ = false;
    Exclusion& exclusion_;
    Content& content_;
    Findings& findings_;
    std::vector<std::string> made_executable_;
};

/// Why a link would not lead to anything in the zip, or nothing.
std::string wrong_with(const Entry& link, const Content& content) {
    switch (content.follow(link.name).where) {
        case Destination::Where::inside:
            return {};
        case Destination::Where::nowhere:
            return "which is not in the zip; leave it out with --exclude";
        case Destination::Where::outside:
            break;
    }
    if (link.target.starts_with('/'))
        return "which is an absolute path of this machine; make it a relative one (ln -sr)";
    return "which lies outside; put the file itself in its place, or leave it out with --exclude";
}

}  // namespace

void read_folder(const fs::path& folder, const fs::path& output, Exclusion& exclusion,
                 Content& content, Findings& findings) {
    FolderReader reader(folder, output, exclusion, content, findings);
    reader.read("");
    reader.report_permissions();
}

Entry entry_of_file(const std::string& name, const fs::path& source, bool executable) {
    Entry entry;
    entry.name = name;
    entry.source = source;
    entry.executable = entry.was_executable = executable;
    Findings ignored;
    const std::string wrong = look_into(entry, ignored);
    std::error_code error;
    entry.size = fs::file_size(source, error);
    if (!wrong.empty() || error)
        throw std::runtime_error(
            fmt::format("{} cannot be read: {}", source.string(), error ? error.message() : wrong));
    return entry;
}

void check_links(const Content& content, Findings& findings) {
    for (const Entry& entry : content.entries()) {
        if (entry.kind != Entry::Kind::link) continue;
        const std::string wrong = wrong_with(entry, content);
        if (wrong.empty()) continue;
        findings.errors.push_back(
            fmt::format("{} is a link to {}, {}", entry.name, entry.target, wrong));
    }
}

}  // namespace forklift::package
