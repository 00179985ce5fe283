#pragma once

#include "protocol/json_value.h"

namespace forklift::protocol {

/// Whether two texts say the same in JSON: strings by their characters, members by their names in
/// any order (of two with the same name the last), numbers by their digits or, since most parsers
/// keep no more, by the same IEEE 754 double. Goes as deep into a recursion as both are nested.
bool json_equal(const JsonValue& a, const JsonValue& b);

}  // namespace forklift::protocol
