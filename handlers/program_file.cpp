#include "handlers/program_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace forklift::handlers {

namespace {

std::vector<std::string> split_like_the_kernel(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == line.npos) return {};
    line = line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
    const auto space = line.find_first_of(" \t");
    std::vector<std::string> parts{std::string(line.substr(0, space))};
    if (space != line.npos) parts.emplace_back(line.substr(line.find_first_not_of(" \t", space)));
    return parts;
}

}  // namespace

ProgramHead read_program_head(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes(512, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    ProgramHead head;
    head.is_text = file.is_open() && bytes.find('\0') == bytes.npos;
    std::string_view line = std::string_view(bytes).substr(0, bytes.find('\n'));
    if (!line.starts_with("#!")) return head;
    line.remove_prefix(2);
    head.from_windows = line.ends_with('\r');
    if (head.from_windows) line.remove_suffix(1);
    head.interpreter = split_like_the_kernel(line);
    return head;
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
