#pragma once

#include <map>
#include <string>

namespace forklift::test {

/// One entry of a zip as Python's zipfile sees it.
struct ZipEntry {
    /// The type and permissions, in octal: "100755".
    std::string mode;
    /// "1980-01-01 00:00:00".
    std::string time;
    /// Bit 11 of its flags: the name is UTF-8.
    bool utf8 = false;
    /// The content, when it is short.
    std::string text;
};

/// The entries by name. Throws when there is no python3, or it finds the zip damaged.
std::map<std::string, ZipEntry> list_zip(const std::string& path);

/// The names in the order in which they stand in the zip, one a line.
std::string names_in_zip(const std::string& path);

/// Unpacks with unzip(1), as Lambda does: with links and permissions. Throws when that fails.
void unpack_zip(const std::string& path, const std::string& folder);

}  // namespace forklift::test
