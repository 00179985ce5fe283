#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace forklift::protocol {

/// A JSON value as a view of the text it stands in. The text is validated once, by `parse`, and
/// walked when a part is asked for: nothing is built, numbers keep every digit, and a part of a
/// large event costs no more than the way to it, and no memory. Borrows the text, which must
/// outlive the value and everything taken from it.
class JsonValue {
  public:
    enum class Kind { null, boolean, number, string, array, object };
    struct Member;
    template <typename Part>
    class Parts;
    using Elements = Parts<JsonValue>;
    using Members = Parts<Member>;

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

    /// The elements of an array in their order, to go through; none for another kind.
    Elements elements() const;
    /// The members of an object in their order, to go through; none for another kind.
    Members members() const;

    /// The last member of that name, as most parsers have it.
    std::optional<JsonValue> member(std::string_view name) const;
    std::optional<JsonValue> element(std::size_t index) const;
    /// The characters of the member of that name for people to read, with U+FFFD in the place of
    /// what UTF-8 cannot hold; nothing when there is none, or it is no string.
    std::optional<std::string> text_of(std::string_view name) const;

  private:
    explicit JsonValue(std::string_view raw) : raw_(raw) {}

    std::string_view raw_;

    friend class JsonWalk;
};

struct JsonValue::Member {
    std::string name;
    JsonValue value;
};

/// Goes through the text of an array or object behind its opening bracket.
class JsonWalk {
  public:
    /// An empty walk.
    JsonWalk() = default;
    explicit JsonWalk(const JsonValue& value);

    /// False when there is no more.
    bool next();
    /// Of a member, its name as it is written, before its value.
    std::string_view name();
    JsonValue value() { return JsonValue(take()); }

    static JsonValue whole(std::string_view text);

    /// The next part; nothing when there is no more.
    void read(std::optional<JsonValue>& element);
    void read(std::optional<JsonValue::Member>& member);

  private:
    std::string_view take();
    void skip(std::size_t count);

    std::string_view rest_;
};

/// The elements or members of a value, made one after another as they are looked at.
template <typename Part>
class JsonValue::Parts {
  public:
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Part;
        using difference_type = std::ptrdiff_t;
        using pointer = const Part*;
        using reference = const Part&;

        /// The end of any parts.
        Iterator() = default;
        explicit Iterator(JsonWalk walk) : walk_(walk) { ++*this; }

        const Part& operator*() const { return *part_; }
        const Part* operator->() const { return &*part_; }
        Iterator& operator++() {
            walk_.read(part_);
            return *this;
        }
        /// Only whether both are at the end.
        bool operator==(const Iterator& other) const { return !part_ && !other.part_; }

      private:
        JsonWalk walk_;
        std::optional<Part> part_;
    };

    explicit Parts(JsonWalk walk) : walk_(walk) {}

    Iterator begin() const { return Iterator(walk_); }
    Iterator end() const { return Iterator(); }

  private:
    JsonWalk walk_;
};

/// "a string", "an array": the kind in words for messages.
std::string_view in_words(JsonValue::Kind kind);

}  // namespace forklift::protocol
