#include "local/package/machine.h"

#include <elf.h>
#include <fmt/format.h>

namespace forklift::package {

std::string machine_name(std::uint16_t machine) {
    switch (machine) {
        case EM_X86_64:
            return "x86_64";
        case EM_AARCH64:
            return "arm64";
        case EM_386:
            return "i386";
        case EM_ARM:
            return "32-bit arm";
    }
    return fmt::format("machine {}", machine);
}

std::optional<std::uint16_t> machine_of(std::string_view architecture) {
    if (architecture == "x86_64") return EM_X86_64;
    if (architecture == "arm64") return EM_AARCH64;
    return std::nullopt;
}

std::string_view loader_of(std::uint16_t machine) {
    return machine == EM_AARCH64 ? "/lib/ld-linux-aarch64.so.1" : "/lib64/ld-linux-x86-64.so.2";
}

std::string_view this_architecture() {
#if defined(__x86_64__)
    return "x86_64";
#elif defined(__aarch64__)
    return "arm64";
#else
    return "";
#endif
}

}  // namespace forklift::package
