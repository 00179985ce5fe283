#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace forklift::package {

/// A version of a library's interface that a binary asks for: "GLIBC_2.36" of "libc.so.6".
struct NeededVersion {
    std::string library;
    std::string version;
};

/// What an ELF file says of itself as far as running it goes.
struct ElfFile {
    /// EM_X86_64, EM_AARCH64 and so on (elf.h).
    std::uint16_t machine = 0;
    /// ELFCLASS64 and little-endian; nothing below is read when it is not.
    bool is_64_bit = false;
    /// A program, not a library, an object file or a core dump: of type ET_EXEC, or with an
    /// interpreter, or position independent and marked as a program (DF_1_PIE).
    bool is_program = false;
    /// The dynamic loader (PT_INTERP); empty for a static program, and for a library.
    std::string interpreter;
    /// DT_NEEDED, in its order.
    std::vector<std::string> needed;
    /// DT_RPATH, which counts only without DT_RUNPATH, and DT_RUNPATH; colon-separated.
    std::string rpath;
    std::string runpath;
    /// The versions that the loader insists on (.gnu.version_r without weak ones).
    std::vector<NeededVersion> versions;

    /// A program that needs nothing but a kernel.
    bool is_static() const { return interpreter.empty() && needed.empty(); }
};

/// It begins like an ELF file and is cut off or makes no sense.
struct BrokenElf {
    std::string what;
};

/// It is none.
struct NotElf {};

using ElfResult = std::variant<ElfFile, BrokenElf, NotElf>;

/// Reads the ELF file open at `fd`, whatever position it is at. Trusts nothing in it: every offset
/// is held against the size of the file, and every list has an end. What a field means: elf(5) and
/// the System V ABI, chapter 5; version needs: the Linux Standard Base, "Symbol Versioning".
ElfResult read_elf(int fd);

}  // namespace forklift::package
