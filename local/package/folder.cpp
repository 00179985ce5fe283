#include "local/package/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <system_error>

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

    void read() {
        open_folder("");
        while (!open_.empty()) {
            OpenFolder& last = open_.back();
            if (last.names.empty()) {
                close_folder();
                continue;
            }
            const std::string name = std::move(last.names.back());
            last.names.pop_back();
            take(last.path.empty() ? name : last.path + '/' + name);
        }
    }

    void report_permissions() {
        if (made_executable_.empty()) return;
        findings_.notes.push_back(
            fmt::format("{} had no execute permission, and has it in the zip (chmod +x keeps it)",
                        some_of(made_executable_)));
    }

  private:
    /// A folder on the way to where we are. None of them has a descriptor: folders may be nested
    /// deeper than a process may have files open.
    struct OpenFolder {
        std::string path;
        /// What is still to be taken, the next one last.
        std::vector<std::string> names;
        /// How much of the content and of the errors came before it.
        std::size_t entries_before = 0;
        std::size_t errors_before = 0;
    };

    void open_folder(const std::string& path) {
        OpenFolder folder{path, {}, content_.entries().size(), findings_.errors.size()};
        std::error_code error;
        fs::directory_iterator files(folder_ / path, error);
        for (; !error && files != fs::directory_iterator(); files.increment(error))
            folder.names.push_back(files->path().filename().string());
        if (error) complain(path, error);
        // What is found comes in the same order everywhere.
        std::sort(folder.names.begin(), folder.names.end(), std::greater<>());
        open_.push_back(std::move(folder));
    }

    /// One that has given nothing is an entry itself.
    void close_folder() {
        const OpenFolder folder = std::move(open_.back());
        open_.pop_back();
        if (folder.path.empty() || content_.entries().size() > folder.entries_before ||
            findings_.errors.size() > folder.errors_before)
            return;
        Entry entry;
        entry.name = folder.path;
        entry.source = folder_ / folder.path;
        entry.kind = Entry::Kind::folder;
        content_.add(std::move(entry));
    }

    void complain(const std::string& path, const std::string& what) {
        findings_.errors.push_back(fmt::format("{} {}", (folder_ / path).string(), what));
    }

    void complain(const std::string& path, const std::error_code& error) {
        if (error != std::errc::filename_too_long)
            return complain(path, "cannot be read: " + error.message());
        const std::string whole = (folder_ / path).string();
        findings_.errors.push_back(
            fmt::format("{}... is nested too deep: its path has {} bytes, and Linux takes {}; "
                        "leave it out with "
                        "--exclude",
                        whole.substr(0, 100), whole.size(), PATH_MAX - 1));
    }

    void take(const std::string& path) {
        Entry entry;
        entry.name = path;
        entry.source = folder_ / path;
        struct stat info {};
        const bool is_there = ::lstat(entry.source.c_str(), &info) == 0;
        const std::error_code error(is_there ? 0 : errno, std::generic_category());
        if (exclusion_.matches(path, S_ISDIR(info.st_mode))) return;
        if (error) return complain(path, error);
        if (has_output_ && info.st_dev == output_.st_dev && info.st_ino == output_.st_ino) return;
        if (!protocol::is_utf8(path))
            return complain(
                path, "has a name that is not UTF-8; rename it, or leave it out with --exclude");
        if (S_ISDIR(info.st_mode)) return open_folder(path);
        if (S_ISLNK(info.st_mode)) return take_link(std::move(entry));
        if (S_ISREG(info.st_mode)) return take_file(std::move(entry), info);
        complain(path,
                 "is a socket, a pipe or a device, which a zip cannot hold; leave it out with "
                 "--exclude");
    }

    void take_link(Entry entry) {
        std::error_code error;
        entry.kind = Entry::Kind::link;
        entry.target = fs::read_symlink(entry.source, error).string();
        if (error) complain(entry.name, error);
        entry.size = entry.target.size();
        content_.add(std::move(entry));
    }

    void take_file(Entry entry, const struct stat& info) {
        entry.size = static_cast<std::uint64_t>(info.st_size);
        entry.was_executable = (info.st_mode & 0111) != 0;
        const std::string wrong = look_into(entry, findings_);
        if (!wrong.empty()) return complain(entry.name, "cannot be read: " + wrong);
        entry.executable = entry.was_executable || runs_by_itself(entry);
        if (entry.executable && !entry.was_executable) made_executable_.push_back(entry.name);
        content_.add(std::move(entry));
    }

    fs::path folder_;
    std::vector<OpenFolder> open_;
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
    reader.read();
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
