#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// Events that are hard on a worker. All but the binary ones are JSON.
namespace forklift::local {

/// JSON of so many bytes, an object where there is room for one.
std::string event_of_size(std::size_t bytes);

/// The sizes around which buffers end, up to the largest event that Lambda takes.
const std::vector<std::size_t>& event_sizes();

/// An array in an array, and so on.
std::string nested_event(std::size_t depth);

std::string event_with_members(std::size_t count);

/// Payloads that are no JSON.
std::vector<std::string> binary_events();

}  // namespace forklift::local
