#include "local/package/findings.h"

#include <fmt/format.h>

#include <algorithm>

namespace forklift::package {

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
    const auto end = names.begin() + static_cast<long>(std::min(most, names.size()));
    std::string text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
    if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
    return text;
}

}  // namespace forklift::package
