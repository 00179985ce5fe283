#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace forklift::protocol {

/// Where a text stops being JSON.
struct JsonMistake {
    /// Both count from 1; the column counts bytes.
    std::size_t line = 1;
    std::size_t column = 1;
    /// What stands there, and what would be JSON: "found a }, where a value must stand".
    std::string what;
};

/// The first place where `text` breaks the grammar (RFC 8259), or nothing when it is one complete
/// JSON value in valid UTF-8; numbers of any size and escaped lone surrogates are within the
/// grammar. Needs no memory but a bit for each level of nesting.
std::optional<JsonMistake> find_json_mistake(std::string_view text);

}  // namespace forklift::protocol
