#include "local/only_handler.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "local/usage_error.h"
#include "protocol/json_value.h"

namespace forklift::local {

namespace {

std::vector<std::string> handler_names(const std::string& text) {
    std::vector<std::string> names;
    const auto document = protocol::JsonValue::parse(text);
    const auto handlers = document ? document->member("handlers") : std::nullopt;
    if (!handlers) return names;
    for (const auto& member : handlers->members()) names.push_back(member.name);
    return names;
}

}  // namespace

std::string only_handler(const std::filesystem::path& folder) {
    const std::string path = (folder / "forklift.json").lexically_normal().string();
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto names = handler_names(text);
    if (names.size() == 1) return names[0];
    if (names.empty()) throw UsageError(fmt::format("{} names no handler", path));
    throw UsageError(
        fmt::format("{} has several handlers; say which: {}", path, fmt::join(names, ", ")));
}

}  // namespace forklift::local
