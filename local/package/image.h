#pragma once

#include <string>
#include <string_view>

/// What Lambda's image provided.al2023 has for a function: everything that is not said to be here
/// has to come with the function. The facts stand in image.cpp, with their sources.
namespace forklift::package {

constexpr std::string_view image_name = "provided.al2023";

/// Is there a program of that name in /usr/bin or /usr/sbin (/bin and /sbin are links to these)?
bool image_has_program(std::string_view name);

/// Is there a library of that soname where the dynamic loader looks?
bool image_has_library(std::string_view soname);

/// The highest version of that kind which the image's libraries offer: "GLIBC_2.34" for
/// "GLIBC_2.36". Empty when the image has that version, or nothing is known of its kind.
std::string image_offers_instead_of(std::string_view version);

}  // namespace forklift::package
