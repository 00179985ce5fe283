#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forklift::protocol {

/// A JSON value as a view of the text it stands in. The text is validated once, by `parse`, and
/// walked when a part is asked for: nothing is built, numbers keep every digit, and a part of a
/// large event costs no more than the way to it. Borrows the text, which must outlive the value
/// and everything taken from it.
class JsonValue {
  public:
    enum class Kind { null, boolean, number, string, array, object };
    struct Member;

    /// The value that `text` is, or nothing when it is not one complete JSON value.
    static std::optional<JsonValue> parse(std::string_view text);

    Kind kind() const;

    /// The value as it is written.
    std::string_view raw() const { return raw_; }
    /// The value as it is written, without the space between its tokens.
    std::string minified() const;

    /// The characters of a string; nothing for another kind, and for a string that UTF-8 cannot
    /// hold (an escaped lone surrogate).
    std::optional<std::string> string() const;

    /// The elements of an array in their order; none for another kind.
    std::vector<JsonValue> elements() const;
    /// The members of an object in their order; none for another kind.
    std::vector<Member> members() const;

    /// The last member of that name, as most parsers have it.
    std::optional<JsonValue> member(std::string_view name) const;
    std::optional<JsonValue> element(std::size_t index) const;

  private:
    explicit JsonValue(std::string_view raw) : raw_(raw) {}

    std::string_view raw_;

    friend class JsonWalk;
};

struct JsonValue::Member {
    std::string name;
    JsonValue value;
};

/// "a string", "an array": the kind in words for messages.
std::string_view in_words(JsonValue::Kind kind);

}  // namespace forklift::protocol
