#include "handlers/program_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace forklift::handlers {

namespace {

std::string first_line(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string line(512, '\0');
    file.read(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(static_cast<std::size_t>(file.gcount()));
    line.resize(std::min(line.size(), line.find('\n')));
    // A script that was edited on Windows ends its lines with \r\n.
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace

std::vector<std::string> interpreter_of(const std::string& file) {
    const std::string whole = first_line(file);
    std::string_view line = whole;
    if (!line.starts_with("#!")) return {};
    line.remove_prefix(2);
    const auto begin = line.find_first_not_of(" \t");
    if (begin == line.npos) return {};
    line = line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
    const auto space = line.find_first_of(" \t");
    std::vector<std::string> parts{std::string(line.substr(0, space))};
    if (space != line.npos) parts.emplace_back(line.substr(line.find_first_not_of(" \t", space)));
    return parts;
}

std::optional<std::string> find_on_path(std::string_view name, std::string_view path) {
    for (std::string_view rest = path; !rest.empty();) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        std::string file = (std::filesystem::path(folder.empty() ? "." : folder) / name).string();
        struct stat info {};
        if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        if (::access(file.c_str(), X_OK) == 0) return file;
    }
    return std::nullopt;
}

}  // namespace forklift::handlers
