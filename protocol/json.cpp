#include "protocol/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>

#include "protocol/json_mistake.h"

namespace forklift::protocol {

namespace {

namespace dom = simdjson::dom;

/// simdjson is fast, and takes some twenty times the text's memory: it reads what is small.
constexpr std::size_t small_document = 64 * 1024;

/// Whether the text may be JSON all the same. The error for a large number has another name in
/// later versions of simdjson, so the errors that settle the matter are listed instead.
bool is_unrepresentable(simdjson::error_code error) {
    switch (error) {
        case simdjson::SUCCESS:
        case simdjson::EMPTY:
        case simdjson::TAPE_ERROR:
        case simdjson::UTF8_ERROR:
        case simdjson::UNCLOSED_STRING:
        case simdjson::UNESCAPED_CHARS:
            return false;
        default:
            return true;
    }
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
    if (text.size() > small_document) return !find_json_mistake(text);
    static thread_local dom::parser parser;
    const auto error = parser.parse(text.data(), text.size()).error();
    if (!is_unrepresentable(error)) return error == simdjson::SUCCESS;
    return !find_json_mistake(text);
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::string minified_json(std::string_view text) {
    std::string line(text.size() + 1, '\0');
    std::size_t size = 0;
    // The one mistake that it finds, a string without an end, is not in JSON.
    if (simdjson::minify(text.data(), text.size(), line.data(), size)) size = 0;
    line.resize(size);
    return line;
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
