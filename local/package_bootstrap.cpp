#include "local/package_bootstrap.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <optional>
#include <vector>

#include "local/bootstrap_path.h"
#include "local/package/elf_file.h"
#include "local/package/machine.h"
#include "local/usage_error.h"
#include "process/unique_fd.h"

namespace forklift::local {

namespace fs = std::filesystem;

namespace {

std::optional<package::ElfFile> program_at(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return std::nullopt;
    const process::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::nullopt;
    auto read = package::read_elf(file.get());
    auto* elf = std::get_if<package::ElfFile>(&read);
    return elf ? std::optional(std::move(*elf)) : std::nullopt;
}

bool is_for(const package::ElfFile& elf, const std::string& architecture) {
    return elf.is_64_bit && elf.machine == package::machine_of(architecture);
}

std::vector<fs::path> places(const std::string& architecture) {
    const fs::path here = folder_of_this_program();
    std::vector<fs::path> all;
    for (const char* folder : {".", "../lib/forklift"}) {
        all.push_back(here / folder / architecture / "bootstrap");
        all.push_back(here / folder / "bootstrap");
    }
    for (const char* build : {"../static", "../static-arm64"})
        all.push_back(here / build / "bootstrap");
    for (fs::path& place : all) place = place.lexically_normal();
    return all;
}

fs::path check_chosen(const std::string& architecture, const std::string& chosen,
                      package::Findings& findings) {
    std::error_code ignored;
    if (!fs::exists(chosen, ignored))
        throw UsageError(fmt::format("--bootstrap {}: there is no such file", chosen));
    const auto elf = program_at(chosen);
    if (!elf || !elf->is_program)
        throw UsageError(fmt::format("--bootstrap {}: it is not a program", chosen));
    if (!is_for(*elf, architecture)) {
        throw UsageError(
            fmt::format("--bootstrap {}: it is for {}, and the zip is for {}; give "
                        "--arch, or another bootstrap",
                        chosen, package::machine_name(elf->machine), architecture));
    }
    if (!elf->is_static()) {
        findings.warnings.push_back(
            fmt::format("{} is not statically linked, and Lambda may not have its libraries; one "
                        "built with cmake --preset static needs none",
                        chosen));
    }
    return fs::canonical(chosen);
}

}  // namespace

fs::path find_packaged_bootstrap(const std::string& architecture, const std::string& chosen,
                                 package::Findings& findings) {
    if (!chosen.empty()) return check_chosen(architecture, chosen, findings);
    std::string looked_at;
    std::string dynamic;
    for (const fs::path& place : places(architecture)) {
        looked_at += "\n  " + place.string();
        const auto elf = program_at(place);
        if (!elf || !elf->is_program || !is_for(*elf, architecture)) continue;
        if (elf->is_static()) return place;
        if (dynamic.empty()) dynamic = place.string();
    }
    if (dynamic.empty()) {
        throw UsageError(fmt::format(
            "there is no bootstrap for {}; name one with --bootstrap, or put it at one of:{}",
            architecture, looked_at));
    }
    throw UsageError(
        fmt::format("{} is not statically linked, and Lambda may not have its libraries; build one "
                    "with cmake --preset static, or insist on one with --bootstrap",
                    dynamic));
}

fs::path find_packaged_shim(const fs::path& bootstrap, const std::string& shim) {
    const fs::path here = folder_of_this_program();
    std::string looked_at;
    for (const fs::path& folder : {bootstrap.parent_path(), bootstrap.parent_path().parent_path(),
                                   here, here / "../lib/forklift"}) {
        const fs::path file = (folder / "shims" / shim).lexically_normal();
        std::error_code ignored;
        if (fs::is_regular_file(file, ignored)) return file;
        looked_at += "\n  " + file.string();
    }
    throw UsageError(
        fmt::format("the shim {} is not there; it belongs at one of:{}", shim, looked_at));
}

fs::path find_asked_bootstrap(const fs::path& packaged) {
    try {
        return find_bootstrap({});
    } catch (const UsageError&) {
        const auto elf = packaged.empty() ? std::nullopt : program_at(packaged);
        if (!elf || !is_for(*elf, std::string(package::this_architecture()))) throw;
        return find_bootstrap(packaged.string());
    }
}

}  // namespace forklift::local
