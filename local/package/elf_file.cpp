#include "local/package/elf_file.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace forklift::package {

namespace {

/// More than any linker writes, and few enough to read in no time.
constexpr std::size_t max_program_headers = 1024;
constexpr std::size_t max_dynamic_entries = 16384;
constexpr std::size_t max_versions = 16384;
constexpr std::size_t max_string = 4096;

/// Thrown inside this file alone.
struct Broken {
    std::string what;
};

/// The bytes of a file, any of which may not be there.
class Bytes {
  public:
    explicit Bytes(int fd) : fd_(fd) {
        struct stat info {};
        if (::fstat(fd, &info) == 0 && info.st_size > 0)
            size_ = static_cast<std::uint64_t>(info.st_size);
    }

    /// Returns how many of `size` bytes at `offset` could be read.
    std::size_t read(std::uint64_t offset, void* into, std::size_t size) const {
        if (offset >= size_) return 0;
        size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
        const ssize_t count = ::pread(fd_, into, size, static_cast<off_t>(offset));
        return count < 0 ? 0 : static_cast<std::size_t>(count);
    }

    template <typename Record>
    Record record(std::uint64_t offset, const char* name) const {
        Record record{};
        if (read(offset, &record, sizeof record) != sizeof record)
            throw Broken{fmt::format("{} lies outside the file", name)};
        return record;
    }

    /// The string that begins at `offset`, up to `limit` bytes of it with the final zero.
    std::string string(std::uint64_t offset, std::uint64_t limit, const char* name) const {
        std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(limit, max_string)), 0);
        text.resize(read(offset, text.data(), text.size()));
        const auto end = text.find('\0');
        if (end == text.npos) throw Broken{fmt::format("{} has no end", name)};
        text.resize(end);
        return text;
    }

  private:
    int fd_;
    std::uint64_t size_ = 0;
};

/// The tables that the dynamic section points to.
struct Dynamic {
    std::vector<std::uint64_t> needed;
    std::optional<std::uint64_t> rpath;
    std::optional<std::uint64_t> runpath;
    std::optional<std::uint64_t> strings;
    std::uint64_t strings_size = 0;
    std::optional<std::uint64_t> versions;
    std::uint64_t version_count = 0;
    std::uint64_t flags_1 = 0;
};

class Reader {
  public:
    explicit Reader(int fd) : bytes_(fd) {}

    ElfResult read() {
        unsigned char ident[EI_NIDENT] = {};
        const std::size_t size = bytes_.read(0, ident, sizeof ident);
        if (size < SELFMAG || std::memcmp(ident, ELFMAG, SELFMAG) != 0) return NotElf{};
        try {
            if (size < sizeof ident) throw Broken{"the ELF header lies outside the file"};
            // e_machine stands at the same place in both classes.
            std::uint8_t machine[2] = {};
            if (bytes_.read(offsetof(Elf64_Ehdr, e_machine), machine, 2) != 2)
                throw Broken{"the ELF header lies outside the file"};
            const bool little = ident[EI_DATA] == ELFDATA2LSB;
            file_.machine = static_cast<std::uint16_t>(little ? machine[0] | machine[1] << 8
                                                              : machine[1] | machine[0] << 8);
            file_.is_64_bit = ident[EI_CLASS] == ELFCLASS64 && little;
            if (file_.is_64_bit) read_whole();
        } catch (const Broken& broken) {
            return BrokenElf{broken.what};
        }
        return std::move(file_);
    }

  private:
    void read_whole() {
        const auto header = bytes_.record<Elf64_Ehdr>(0, "the ELF header");
        read_program_headers(header);
        Dynamic dynamic;
        if (dynamic_) dynamic = read_dynamic(*dynamic_);
        file_.is_program =
            header.e_type == ET_EXEC ||
            (header.e_type == ET_DYN && (!file_.interpreter.empty() || dynamic.flags_1 & DF_1_PIE));
        if (!dynamic.strings) return;
        for (const std::uint64_t offset : dynamic.needed)
            file_.needed.push_back(name_at(dynamic, offset, "the name of a library"));
        if (dynamic.rpath) file_.rpath = name_at(dynamic, *dynamic.rpath, "DT_RPATH");
        if (dynamic.runpath) file_.runpath = name_at(dynamic, *dynamic.runpath, "DT_RUNPATH");
        if (dynamic.versions) read_versions(dynamic);
    }

    void read_program_headers(const Elf64_Ehdr& header) {
        if (header.e_phnum == 0) return;
        if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > max_program_headers)
            throw Broken{"its program headers are of a strange size or number"};
        for (std::size_t i = 0; i < header.e_phnum; ++i) {
            const auto segment = bytes_.record<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr),
                                                           "a program header");
            if (segment.p_type == PT_LOAD) loaded_.push_back(segment);
            if (segment.p_type == PT_DYNAMIC) dynamic_ = segment;
            if (segment.p_type == PT_INTERP) {
                file_.interpreter =
                    bytes_.string(segment.p_offset, segment.p_filesz, "the loader's name");
            }
        }
    }

    Dynamic read_dynamic(const Elf64_Phdr& segment) const {
        Dynamic dynamic;
        const std::uint64_t count =
            std::min<std::uint64_t>(segment.p_filesz / sizeof(Elf64_Dyn), max_dynamic_entries);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto entry = bytes_.record<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn),
                                                        "the dynamic section");
            if (entry.d_tag == DT_NULL) break;
            take(entry, dynamic);
        }
        return dynamic;
    }

    static void take(const Elf64_Dyn& entry, Dynamic& dynamic) {
        const std::uint64_t value = entry.d_un.d_val;
        switch (entry.d_tag) {
            case DT_NEEDED:
                dynamic.needed.push_back(value);
                break;
            case DT_RPATH:
                dynamic.rpath = value;
                break;
            case DT_RUNPATH:
                dynamic.runpath = value;
                break;
            case DT_STRTAB:
                dynamic.strings = value;
                break;
            case DT_STRSZ:
                dynamic.strings_size = value;
                break;
            case DT_VERNEED:
                dynamic.versions = value;
                break;
            case DT_VERNEEDNUM:
                dynamic.version_count = value;
                break;
            case DT_FLAGS_1:
                dynamic.flags_1 = value;
                break;
        }
    }

    /// Where in the file stands what the program sees at an address.
    std::uint64_t offset_of(std::uint64_t address, const char* name) const {
        for (const Elf64_Phdr& segment : loaded_) {
            if (address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
                return segment.p_offset + (address - segment.p_vaddr);
        }
        throw Broken{fmt::format("{} lies in no segment", name)};
    }

    std::string name_at(const Dynamic& dynamic, std::uint64_t offset, const char* name) const {
        if (offset >= dynamic.strings_size)
            throw Broken{fmt::format("{} lies outside the string table", name)};
        const std::uint64_t strings = offset_of(*dynamic.strings, "the string table");
        return bytes_.string(strings + offset, dynamic.strings_size - offset, name);
    }

    void read_versions(const Dynamic& dynamic) {
        std::uint64_t place = offset_of(*dynamic.versions, "the version table");
        std::size_t budget = max_versions;
        for (std::uint64_t i = 0; i < dynamic.version_count; ++i) {
            const auto need = bytes_.record<Elf64_Verneed>(place, "the version table");
            const std::string library = name_at(dynamic, need.vn_file, "a library's name");
            std::uint64_t aux_place = place + need.vn_aux;
            for (std::size_t k = 0; k < need.vn_cnt; ++k) {
                if (budget-- == 0) throw Broken{"its version table has no end"};
                const auto aux = bytes_.record<Elf64_Vernaux>(aux_place, "the version table");
                if (!(aux.vna_flags & VER_FLG_WEAK)) {
                    file_.versions.push_back(
                        {library, name_at(dynamic, aux.vna_name, "a version's name")});
                }
                if (aux.vna_next == 0) break;
                aux_place += aux.vna_next;
            }
            if (need.vn_next == 0) break;
            if (budget-- == 0) throw Broken{"its version table has no end"};
            place += need.vn_next;
        }
    }

    Bytes bytes_;
    ElfFile file_;
    std::vector<Elf64_Phdr> loaded_;
    std::optional<Elf64_Phdr> dynamic_;
};

}  // namespace

ElfResult read_elf(int fd) { return Reader(fd).read(); }

}  // namespace forklift::package
