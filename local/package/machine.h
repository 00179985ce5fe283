#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace forklift::package {

/// A machine (e_machine of elf.h) in words: "x86_64", "arm64", or a number.
std::string machine_name(std::uint16_t machine);

/// The machine of an architecture as Lambda names it: "x86_64" or "arm64"; nothing for others.
std::optional<std::uint16_t> machine_of(std::string_view architecture);

/// The dynamic loader of programs for that machine in provided.al2023.
std::string_view loader_of(std::uint16_t machine);

/// The architecture that this program was built for, as Lambda names it; empty for others.
std::string_view this_architecture();

}  // namespace forklift::package
