#pragma once

#include <string_view>

namespace forklift::test {

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

inline bool begins_with(std::string_view text, std::string_view part) {
    return text.substr(0, part.size()) == part;
}

}  // namespace forklift::test
