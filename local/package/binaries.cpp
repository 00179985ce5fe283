#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "local/package/image.h"
#include "local/package/machine.h"
#include "local/package/needs.h"

namespace forklift::package {

namespace fs = std::filesystem;

namespace {

/// Looks at one binary.
class Binary {
  public:
    Binary(const Place& place, const Entry& entry, Findings& findings)
        : place_(place), entry_(entry), elf_(*entry.elf), findings_(findings) {}

    void check(std::uint16_t machine) {
        if (!elf_.is_64_bit || elf_.machine != machine) {
            warn(
                fmt::format("is for {}{}, and the function is for {}; build it for that, or give "
                            "--arch",
                            elf_.is_64_bit ? "" : "a 32-bit machine, ", machine_name(elf_.machine),
                            machine_name(machine)));
            return;
        }
        check_loader(machine);
        for (const std::string& library : elf_.needed) check_library(library);
        check_versions();
    }

  private:
    void warn(const std::string& what) { findings_.warnings.push_back(entry_.name + " " + what); }

    void check_loader(std::uint16_t machine) {
        if (elf_.interpreter.empty() || elf_.interpreter == loader_of(machine)) return;
        if (place_.find_at(elf_.interpreter) != Place::Answer::missing) return;
        const bool musl = elf_.interpreter.find("ld-musl") != std::string::npos;
        warn(fmt::format("needs the dynamic loader {}, which {} does not have{}; link it {}",
                         elf_.interpreter, image_name, musl ? " (musl)" : "",
                         musl ? "statically" : "statically, or for the usual one"));
    }

    /// The file of the zip or a layer that the loader would find in one of `folders`, as in
    /// DT_RUNPATH.
    const Entry* find_along(std::string_view folders, const std::string& library) const {
        while (!folders.empty()) {
            std::string folder(folders.substr(0, folders.find(':')));
            folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
            for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"}) {
                if (!std::string_view(folder).starts_with(origin)) continue;
                const fs::path own = fs::path(place_.content.root()) / entry_.name;
                folder = own.parent_path().string() + folder.substr(origin.size());
            }
            if (const Entry* found = place_.file(fs::path(folder) / library)) return found;
        }
        return nullptr;
    }

    bool is_before_the_image(const std::string& library) const {
        return elf_.runpath.empty() && find_along(elf_.rpath, library);
    }

    /// Lambda's LD_LIBRARY_PATH names the image's folders first, then these.
    const Entry* find_library(const std::string& library) const {
        const std::string_view usual =
            place_.is_layer() ? "/opt/lib" : "/var/task:/var/task/lib:/opt/lib";
        for (const std::string_view folders :
             {elf_.runpath.empty() ? std::string_view(elf_.rpath) : std::string_view(), usual,
              std::string_view(elf_.runpath)}) {
            if (const Entry* found = find_along(folders, library)) return found;
        }
        return nullptr;
    }

    /// A file of that name anywhere in the zip.
    const Entry* find_anywhere(const std::string& library) const {
        for (const Entry& entry : place_.content.entries()) {
            if (entry.kind != Entry::Kind::folder && fs::path(entry.name).filename() == library)
                return &entry;
        }
        return nullptr;
    }

    void check_library(const std::string& library) {
        if (library.find('/') != library.npos) {
            if (place_.find_at(library) == Place::Answer::missing)
                warn(fmt::format("needs the library {}, which will not be there", library));
            return;
        }
        if (image_has_library(library) || find_library(library)) return;
        const Entry* elsewhere = find_anywhere(library);
        // Whoever loads a library has a path of its own, and may have loaded this one before.
        if (elsewhere && !elf_.is_program) return;
        if (elsewhere) {
            warn(
                fmt::format("needs {}, and does not look for it where the zip has it, {}; move it "
                            "to lib/",
                            library, elsewhere->name));
        } else {
            warn(
                fmt::format("needs {}, which is neither in {} nor in the zip; put it into lib/, "
                            "or link it statically",
                            library, image_name));
        }
    }

    /// One line for each library and kind of version.
    void check_versions() {
        std::map<std::string, std::vector<std::string>> too_new;
        for (const NeededVersion& need : elf_.versions) {
            if (!image_has_library(need.library) || is_before_the_image(need.library)) continue;
            const std::string offered = image_offers_instead_of(need.version);
            if (!offered.empty()) too_new[need.library + '\n' + offered].push_back(need.version);
        }
        for (auto& [key, versions] : too_new) {
            const auto end = key.find('\n');
            std::sort(versions.begin(), versions.end());
            warn(fmt::format(
                "needs {} of {}, and {} has {}; build it on an older system or in an "
                "Amazon Linux 2023 image, or link it statically",
                fmt::join(versions, ", "), key.substr(0, end), image_name, key.substr(end + 1)));
        }
    }

    const Place& place_;
    const Entry& entry_;
    const ElfFile& elf_;
    Findings& findings_;
};

}  // namespace

void check_binaries(const Place& place, std::uint16_t machine, Findings& findings) {
    for (const Entry& entry : place.content.entries())
        if (entry.elf) Binary(place, entry, findings).check(machine);
}

}  // namespace forklift::package
