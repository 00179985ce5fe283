#include "protocol/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>

namespace forklift::protocol {

namespace {

namespace dom = simdjson::dom;

/// Above this size a parser's memory is given back after use.
constexpr std::size_t large_document = 1024 * 1024;

std::size_t count_openings(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; }));
}

simdjson::simdjson_result<dom::element> parse(dom::parser& parser, std::string_view text) {
    auto result = parser.parse(text.data(), text.size());
    if (result.error() != simdjson::DEPTH_ERROR) return result;
    // simdjson stops at 1024 levels unless it is told how many there can be.
    if (auto error = parser.allocate(text.size(), count_openings(text) + 1)) return error;
    return parser.parse(text.data(), text.size());
}

/// Calls `use` with the parsed document.
template <typename Use>
auto with_document(std::string_view text, Use use) {
    if (text.size() > large_document) {
        dom::parser parser;
        return use(parse(parser, text));
    }
    static thread_local dom::parser parser;
    return use(parse(parser, text));
}

/// The same text with every escaped surrogate replaced by an escaped space of the same length.
std::string without_surrogates(std::string_view text) {
    std::string copy(text);
    for (std::size_t i = 0; i + 1 < copy.size(); ++i) {
        if (copy[i] != '\\') continue;
        const bool surrogate = copy[i + 1] == 'u' && i + 3 < copy.size() &&
                               (copy[i + 2] == 'd' || copy[i + 2] == 'D') && copy[i + 3] >= '8';
        if (surrogate) copy.replace(i + 2, 2, "00");
        ++i;
    }
    return copy;
}

/// The length of the valid UTF-8 sequence that `text` begins with, or 0 (RFC 3629, 4).
std::size_t sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return text.size() >= length && is_utf8(text.substr(0, length)) ? length : 0;
}

char32_t decode(std::string_view sequence) {
    if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]);
    auto code = static_cast<char32_t>(static_cast<unsigned char>(sequence[0]) &
                                      (0xff >> (sequence.size() + 1)));
    for (const char c : sequence.substr(1))
        code = code << 6 | (static_cast<unsigned char>(c) & 0x3fU);
    return code;
}

void append_escaped(std::string& out, char32_t code) {
    if (code >= 0x10000) {
        const auto rest = static_cast<unsigned>(code - 0x10000);
        fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xd800 + (rest >> 10),
                       0xdc00 + (rest & 0x3ff));
    } else {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(code));
    }
}

void append_ascii(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        append_escaped(out, static_cast<unsigned char>(c));
    } else {
        out += c;
    }
}

/// How many bytes at the beginning of `text` can be copied as they are.
std::size_t plain_length(std::string_view text, bool with_utf8) {
    const auto special = std::find_if(text.begin(), text.end(), [=](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\' ||
               (byte >= 0x80 && !with_utf8);
    });
    return static_cast<std::size_t>(special - text.begin());
}

/// Appends the first character of `text`, which cannot be copied as it is; returns how many bytes
/// of `text` that was.
std::size_t append_special(std::string& out, std::string_view text, bool ascii) {
    if (static_cast<unsigned char>(text[0]) < 0x80) {
        append_ascii(out, text[0]);
        return 1;
    }
    const std::size_t length = sequence_length(text);
    const std::string_view sequence = length ? text.substr(0, length) : "\xef\xbf\xbd";
    if (ascii) {
        append_escaped(out, decode(sequence));
    } else {
        out += sequence;
    }
    return std::max<std::size_t>(length, 1);
}

}  // namespace

bool is_json(std::string_view text) {
    const auto error = with_document(text, [](auto result) { return result.error(); });
    if (error != simdjson::STRING_ERROR) return error == simdjson::SUCCESS;
    const std::string copy = without_surrogates(text);
    return with_document(copy, [](auto result) { return result.error() == simdjson::SUCCESS; });
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::optional<std::map<std::string, std::string, std::less<>>> string_members(
    std::string_view text) {
    using Members = std::map<std::string, std::string, std::less<>>;
    return with_document(text, [](auto result) -> std::optional<Members> {
        dom::object object;
        if (result.get_object().get(object)) return std::nullopt;
        Members members;
        for (const auto& field : object) {
            std::string_view value;
            if (!field.value.get_string().get(value)) members.emplace(field.key, value);
        }
        return members;
    });
}

void append_json_string(std::string& out, std::string_view text, bool ascii) {
    out.reserve(out.size() + text.size() + 2);
    out += '"';
    const bool as_it_is = !ascii && is_utf8(text);
    while (!text.empty()) {
        const std::size_t plain = plain_length(text, as_it_is);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (!text.empty()) text.remove_prefix(append_special(out, text, ascii));
    }
    out += '"';
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

void JsonObject::begin_member(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    append_json_string(out_, name, ascii_);
    out_ += ':';
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
    begin_member(name);
    append_json_string(out_, value, ascii_);
    return *this;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view value) {
    begin_member(name);
    out_ += value;
    return *this;
}

std::string JsonObject::finish() {
    std::string object = std::exchange(out_, "{");
    object += '}';
    return object;
}

}  // namespace forklift::protocol
