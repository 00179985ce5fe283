#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace forklift::protocol {

/// Bytes as a message to people shows them: in quotes, what is not visible ASCII escaped as C has
/// it, and no more than `max` of them, then "..." and how many there are.
std::string shown_bytes(std::string_view bytes, std::size_t max = 60);

}  // namespace forklift::protocol
