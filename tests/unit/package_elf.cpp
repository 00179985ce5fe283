#include <elf.h>
#include <fcntl.h>

#include <cstring>

#include "local/package/elf_file.h"
#include "local/package/machine.h"
#include "process/unique_fd.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::package;
using forklift::process::UniqueFd;
using namespace forklift::test;

namespace {

ElfResult read(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file);
    return read_elf(file.get());
}

ElfFile read_whole(const std::string& path) {
    auto result = read(path);
    if (const auto* broken = std::get_if<BrokenElf>(&result)) FAIL(broken->what);
    REQUIRE(std::holds_alternative<ElfFile>(result));
    return std::get<ElfFile>(std::move(result));
}

bool needs_version(const ElfFile& elf, const std::string& version) {
    for (const NeededVersion& need : elf.versions)
        if (need.version == version && need.library == "libc.so.6") return true;
    return false;
}

}  // namespace

TEST_CASE("an ELF program says its machine, loader, libraries and versions") {
    const auto elf = read_whole(helper("new_glibc"));
    CHECK(elf.is_64_bit);
    CHECK(elf.is_program);
    CHECK_FALSE(elf.is_static());
    CHECK(elf.machine == machine_of(this_architecture()));
    CHECK(elf.interpreter == loader_of(elf.machine));
    CHECK(std::count(elf.needed.begin(), elf.needed.end(), "libc.so.6") == 1);
    CHECK(needs_version(elf, "GLIBC_2.36"));
}

TEST_CASE("a static ELF program needs nothing") {
    const auto elf = read_whole(helper("static_program"));
    CHECK(elf.is_program);
    CHECK(elf.is_static());
    CHECK(elf.versions.empty());
}

TEST_CASE("an ELF library is no program") {
    const auto elf = read_whole(helper("libown_library.so"));
    CHECK_FALSE(elf.is_program);
    CHECK(elf.interpreter.empty());
}

TEST_CASE("where an ELF program looks for its libraries is read") {
    const auto beside = read_whole(helper("needs_library_beside"));
    CHECK(beside.rpath + beside.runpath == "$ORIGIN");
    CHECK(std::count(beside.needed.begin(), beside.needed.end(), "libown_library.so") == 1);
    const auto plain = read_whole(helper("needs_library"));
    CHECK(plain.rpath + plain.runpath == "");
}

TEST_CASE("what is no ELF file is none") {
    TaskRoot root;
    for (const char* text : {"", "\x7f",
                             "\x7f"
                             "EL",
                             "#!/bin/sh\n", "ELF"}) {
        const auto result = read(root.path_of(root.file("file", text)));
        CHECK(std::holds_alternative<NotElf>(result));
    }
}

TEST_CASE("an ELF file for 32 bits is told apart, and not read further") {
    TaskRoot root;
    std::string bytes = read_file(helper("static_program"));
    bytes[EI_CLASS] = ELFCLASS32;
    bytes[offsetof(Elf64_Ehdr, e_machine)] = EM_386;
    const auto elf = read_whole(root.path_of(root.file("file", bytes)));
    CHECK_FALSE(elf.is_64_bit);
    CHECK(elf.machine == EM_386);
}

TEST_CASE("an ELF file that is cut off anywhere is broken or short of what was cut, and harmless") {
    TaskRoot root;
    const std::string bytes = read_file(helper("new_glibc"));
    for (std::size_t size = 4; size < bytes.size(); size += size < 1024 ? 1 : 61) {
        const auto result = read(root.path_of(root.file("file", bytes.substr(0, size))));
        CHECK_FALSE(std::holds_alternative<NotElf>(result));
        if (size < sizeof(Elf64_Ehdr)) CHECK(std::holds_alternative<BrokenElf>(result));
    }
}

TEST_CASE("an ELF file with any one byte wrong is harmless") {
    TaskRoot root;
    const std::string bytes = read_file(helper("new_glibc"));
    // Its headers and its dynamic section lie in here; the code between them is not looked at.
    const auto elf = read_whole(helper("new_glibc"));
    REQUIRE_FALSE(elf.versions.empty());
    std::size_t broken = 0;
    for (std::size_t place = 4; place < bytes.size(); place += place < 2048 ? 1 : 7) {
        for (const char wrong : {'\x00', '\x7f', '\xff'}) {
            std::string changed = bytes;
            changed[place] = wrong;
            const auto result = read(root.path_of(root.file("file", changed)));
            broken += std::holds_alternative<BrokenElf>(result);
        }
    }
    CHECK(broken > 0);
}

TEST_CASE("tables of an ELF file that lie about their size come to an end") {
    TaskRoot root;
    std::string bytes = read_file(helper("new_glibc"));
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    for (int i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        char* const place =
            bytes.data() + header.e_phoff + static_cast<std::size_t>(i) * sizeof segment;
        std::memcpy(&segment, place, sizeof segment);
        segment.p_filesz = ~0ULL;
        if (segment.p_type == PT_DYNAMIC) std::memcpy(place, &segment, sizeof segment);
    }
    CHECK(read_whole(root.path_of(root.file("file", bytes))).is_program);
    header.e_phnum = 0xffff;
    header.e_phoff = ~0ULL - 8;
    std::memcpy(bytes.data(), &header, sizeof header);
    CHECK(std::holds_alternative<BrokenElf>(read(root.path_of(root.file("file", bytes)))));
}
