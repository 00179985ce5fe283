#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// JSON (RFC 8259) as this project needs it: simdjson reads what is small, a scanner that needs no
/// memory what is not, and a small writer writes. Nothing outside json.cpp sees simdjson.
namespace forklift::protocol {

/// True when `text` is one complete JSON value in valid UTF-8. Nesting of any depth is accepted,
/// and so are numbers of any size and an escaped lone surrogate ("\ud800"), which the grammar
/// allows.
bool is_json(std::string_view text);

bool is_utf8(std::string_view text);

/// `text`, which must be JSON, without the white space between its tokens: one line. There is room
/// for a line end in the string's capacity.
std::string minified_json(std::string_view text);

/// Appends `text` as a JSON string, quotes included, in ASCII alone when `ascii` is set (for HTTP
/// headers). Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text, bool ascii = false);

std::string json_string(std::string_view text);

/// Writes one JSON object, member by member: `JsonObject().text("a", "x").raw("b",
/// "[1]").finish()`.
class JsonObject {
  public:
    explicit JsonObject(bool ascii = false) : ascii_(ascii) {}

    JsonObject& text(std::string_view name, std::string_view value);
    /// `value` is JSON already.
    JsonObject& raw(std::string_view name, std::string_view value);
    template <typename Strings>
    JsonObject& texts(std::string_view name, const Strings& values) {
        begin_member(name);
        out_ += '[';
        bool first = true;
        for (const auto& value : values) {
            if (!first) out_ += ',';
            first = false;
            append_json_string(out_, value, ascii_);
        }
        out_ += ']';
        return *this;
    }
    /// The object; the writer is empty afterwards.
    std::string finish();

  private:
    void begin_member(std::string_view name);

    bool ascii_;
    std::string out_ = "{";
};

}  // namespace forklift::protocol
