#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forklift::handlers {

/// The candidate that needs the fewest edits to become `word`, for "did you mean"; the first of
/// equals. Empty when there is no candidate.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace forklift::handlers
