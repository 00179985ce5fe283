#include "protocol/json_value.h"

#include "protocol/json.h"

namespace forklift::protocol {

namespace {

constexpr std::string_view space = " \t\n\r";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(space);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

/// The length of the string that `text` begins with, quotes included.
std::size_t string_length(std::string_view text) {
    for (auto at = text.find_first_of("\"\\", 1); at != text.npos;
         at = text.find_first_of("\"\\", at + 2)) {
        if (text[at] == '"') return at + 1;
    }
    return text.size();
}

/// The length of the value that `text` begins with. Nesting costs a counter, not a stack.
std::size_t value_length(std::string_view text) {
    if (text[0] == '"') return string_length(text);
    if (text[0] != '[' && text[0] != '{')
        return std::min(text.size(), text.find_first_of(",]} \t\n\r"));
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            at += string_length(text.substr(at)) - 1;
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if (c == ']' || c == '}') {
            if (--depth == 0) return at + 1;
        }
    }
    return text.size();
}

unsigned hex4(std::string_view digits) {
    unsigned value = 0;
    for (const char c : digits.substr(0, 4)) {
        const unsigned digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        value = value << 4 | digit;
    }
    return value;
}

void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
    const auto rest = [&](unsigned shift) { byte(0x80 | (code >> shift & 0x3f)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xc0 | code >> 6);
        rest(0);
    } else if (code < 0x10000) {
        byte(0xe0 | code >> 12);
        rest(6);
        rest(0);
    } else {
        byte(0xf0 | code >> 18);
        rest(12);
        rest(6);
        rest(0);
    }
}

constexpr unsigned replacement = 0xfffd;

/// The characters of a string token. `faithful` is cleared when a lone surrogate had to be
/// replaced.
std::string decode(std::string_view token, bool& faithful) {
    std::string_view text = token.substr(1, token.size() - 2);
    std::string out;
    out.reserve(text.size());
    while (true) {
        const auto escape = text.find('\\');
        out += text.substr(0, escape);
        if (escape == text.npos) return out;
        const char letter = text[escape + 1];
        text.remove_prefix(escape + 2);
        constexpr std::string_view letters = "bfnrt";
        if (letter != 'u') {
            const auto known = letters.find(letter);
            out += known == letters.npos ? letter : "\b\f\n\r\t"[known];
            continue;
        }
        unsigned code = hex4(text);
        text.remove_prefix(4);
        if (code >= 0xd800 && code < 0xdc00 && text.starts_with("\\u")) {
            const unsigned low = hex4(text.substr(2));
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                text.remove_prefix(6);
            }
        }
        if (code >= 0xd800 && code < 0xe000) {
            faithful = false;
            code = replacement;
        }
        append_utf8(out, code);
    }
}

std::string name_of(std::string_view token) {
    bool faithful = true;
    return decode(token, faithful);
}

}  // namespace

JsonWalk::JsonWalk(const JsonValue& value) : rest_(trimmed(value.raw_.substr(1))) {}

bool JsonWalk::next() {
    if (rest_.starts_with(',')) skip(1);
    return !rest_.empty() && rest_[0] != ']' && rest_[0] != '}';
}

std::string_view JsonWalk::name() {
    const std::string_view token = take();
    skip(1);
    return token;
}

JsonValue JsonWalk::whole(std::string_view text) { return JsonValue(trimmed(text)); }

void JsonWalk::read(std::optional<JsonValue>& element) {
    element.reset();
    if (next()) element = value();
}

void JsonWalk::read(std::optional<JsonValue::Member>& member) {
    member.reset();
    if (!next()) return;
    std::string its_name = name_of(name());
    member = {std::move(its_name), value()};
}

std::string_view JsonWalk::take() {
    const std::string_view token = rest_.substr(0, value_length(rest_));
    skip(token.size());
    return token;
}

void JsonWalk::skip(std::size_t count) {
    rest_.remove_prefix(count);
    rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of(space)));
}

std::optional<JsonValue> JsonValue::parse(std::string_view text) {
    if (!is_json(text)) return std::nullopt;
    return JsonWalk::whole(text);
}

JsonValue::Kind JsonValue::kind() const {
    switch (raw_[0]) {
        case 'n':
            return Kind::null;
        case 't':
        case 'f':
            return Kind::boolean;
        case '"':
            return Kind::string;
        case '[':
            return Kind::array;
        case '{':
            return Kind::object;
        default:
            return Kind::number;
    }
}

std::string JsonValue::minified() const {
    std::string out;
    out.reserve(raw_.size());
    for (std::size_t at = 0; at < raw_.size();) {
        const bool string = raw_[at] == '"';
        const std::size_t length = string ? string_length(raw_.substr(at)) : 1;
        if (string || space.find(raw_[at]) == space.npos) out += raw_.substr(at, length);
        at += length;
    }
    return out;
}

std::optional<std::string> JsonValue::string() const {
    if (kind() != Kind::string) return std::nullopt;
    bool faithful = true;
    std::string text = decode(raw_, faithful);
    if (!faithful) return std::nullopt;
    return text;
}

JsonValue::Elements JsonValue::elements() const {
    return Elements(kind() == Kind::array ? JsonWalk(*this) : JsonWalk());
}

JsonValue::Members JsonValue::members() const {
    return Members(kind() == Kind::object ? JsonWalk(*this) : JsonWalk());
}

std::optional<JsonValue> JsonValue::member(std::string_view name) const {
    std::optional<JsonValue> found;
    if (kind() != Kind::object) return found;
    for (JsonWalk walk(*this); walk.next();) {
        const std::string_view token = walk.name();
        const JsonValue value = walk.value();
        const bool plain = token.find('\\') == token.npos;
        if (plain ? token.substr(1, token.size() - 2) == name : name_of(token) == name)
            found = value;
    }
    return found;
}

std::optional<std::string> JsonValue::text_of(std::string_view name) const {
    const auto value = member(name);
    if (!value || value->kind() != Kind::string) return std::nullopt;
    bool ignored = true;
    return decode(value->raw_, ignored);
}

std::optional<JsonValue> JsonValue::element(std::size_t index) const {
    if (kind() != Kind::array) return std::nullopt;
    for (JsonWalk walk(*this); walk.next(); --index) {
        const JsonValue value = walk.value();
        if (index == 0) return value;
    }
    return std::nullopt;
}

std::string_view in_words(JsonValue::Kind kind) {
    switch (kind) {
        case JsonValue::Kind::null:
            return "null";
        case JsonValue::Kind::boolean:
            return "a boolean";
        case JsonValue::Kind::number:
            return "a number";
        case JsonValue::Kind::string:
            return "a string";
        case JsonValue::Kind::array:
            return "an array";
        case JsonValue::Kind::object:
            break;
    }
    return "an object";
}

}  // namespace forklift::protocol
