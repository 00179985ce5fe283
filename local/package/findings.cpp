#include "local/package/findings.h"

#include <fmt/format.h>

#include <algorithm>

namespace forklift::package {

std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 3;
    const auto end = names.begin() + static_cast<long>(std::min(shown, names.size()));
    std::string text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

}  // namespace forklift::package
