#include "local/only_handler.h"

#include <fmt/format.h>

#include <system_error>
#include <vector>

#include "local/usage_error.h"
#include "process/file.h"
#include "protocol/json_value.h"

namespace forklift::local {

namespace {

constexpr std::size_t max_file = 1024 * 1024;

std::vector<std::string> handler_names(const std::string& text) {
    std::vector<std::string> names;
    const auto document = protocol::JsonValue::parse(text);
    const auto handlers = document ? document->member("handlers") : std::nullopt;
    if (!handlers) return names;
    for (const auto& member : handlers->members()) names.push_back(member.name);
    return names;
}

std::string read_file(const std::string& path) {
    std::error_code error;
    std::string text = process::read_regular_file(path, max_file, error);
    if (error == std::errc::invalid_argument)
        throw UsageError(fmt::format("{} is not a regular file", path));
    if (error == std::errc::file_too_large)
        throw UsageError(fmt::format("{} has more than {} bytes", path, max_file));
    if (error) throw UsageError(fmt::format("{} cannot be read: {}", path, error.message()));
    return text;
}

}  // namespace

std::string only_handler(const std::filesystem::path& folder) {
    const std::string path = (folder / "forklift.json").lexically_normal().string();
    const auto names = handler_names(read_file(path));
    if (names.size() == 1) return names[0];
    if (names.empty()) throw UsageError(fmt::format("{} names no handler", path));
    throw UsageError(
        fmt::format("{} has several handlers; say which: {}", path, fmt::join(names, ", ")));
}

}  // namespace forklift::local
