#include "protocol/json_pointer.h"

#include <charconv>

namespace forklift::protocol {

namespace {

std::optional<std::string> unescape(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            out += token[i];
            continue;
        }
        if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
        out += token[i] == '0' ? '~' : '/';
    }
    return out;
}

/// The index that a token names: digits without a leading zero (RFC 6901, 4).
std::optional<std::size_t> to_index(std::string_view token) {
    if (token.size() > 1 && token[0] == '0') return std::nullopt;
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
    return index;
}

std::optional<JsonValue> step(const JsonValue& value, const std::string& token) {
    if (value.kind() == JsonValue::Kind::object) return value.member(token);
    const auto index = to_index(token);
    return index ? value.element(*index) : std::nullopt;
}

}  // namespace

std::optional<JsonPointer> JsonPointer::parse(std::string_view text) {
    JsonPointer pointer;
    pointer.text_ = text;
    if (!text.empty() && text[0] != '/') return std::nullopt;
    while (!text.empty()) {
        text.remove_prefix(1);
        const std::string_view token = text.substr(0, text.find('/'));
        text.remove_prefix(token.size());
        auto plain = unescape(token);
        if (!plain) return std::nullopt;
        pointer.tokens_.push_back(std::move(*plain));
    }
    return pointer;
}

std::optional<JsonValue> JsonPointer::find(JsonValue document) const {
    std::optional<JsonValue> at = document;
    for (const std::string& token : tokens_) {
        at = step(*at, token);
        if (!at) break;
    }
    return at;
}

std::string pointer_token(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace forklift::protocol
