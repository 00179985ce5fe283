#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_value.h"

namespace forklift::protocol {

/// A JSON Pointer (RFC 6901): the way to a part of a document, "/Records/0/body".
class JsonPointer {
  public:
    /// Nothing when `text` is not a pointer: it neither is empty nor begins with /, or holds a ~
    /// that is neither ~0 nor ~1.
    static std::optional<JsonPointer> parse(std::string_view text);

    /// What stands there in `document`, or nothing.
    std::optional<JsonValue> find(JsonValue document) const;

    /// As it was written.
    const std::string& text() const { return text_; }

  private:
    JsonPointer() = default;

    std::string text_;
    std::vector<std::string> tokens_;
};

/// `name` as one step of a pointer, with / and ~ escaped.
std::string pointer_token(std::string_view name);

}  // namespace forklift::protocol
