#include "handlers/setting.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/json.h"
#include "protocol/json_pointer.h"

namespace forklift::handlers {

namespace {

using protocol::JsonValue;

bool takes(Scalars scalars, JsonValue::Kind kind) {
    switch (scalars) {
        case Scalars::strings:
            return kind == JsonValue::Kind::string;
        case Scalars::strings_and_numbers:
            return kind == JsonValue::Kind::string || kind == JsonValue::Kind::number;
        case Scalars::numbers:
            return kind == JsonValue::Kind::number;
        case Scalars::booleans:
            return kind == JsonValue::Kind::boolean;
    }
    return false;
}

bool has_name(const Map& map, const std::string& name) {
    return std::any_of(map.begin(), map.end(),
                       [&](const auto& entry) { return entry.first == name; });
}

/// Collects the texts of a JSON value, and a complaint for each that is none.
class Reader {
  public:
    explicit Reader(const OptionType& type) : type_(type) {}

    std::string text(const JsonValue& value, const std::string& at) {
        const bool is_string = value.kind() == JsonValue::Kind::string;
        auto text = is_string ? value.string() : std::string(value.raw());
        const bool fits = takes(type_.scalars, value.kind()) && text;
        // A program's arguments and variables end at a NUL.
        if (!fits || text->find('\0') != text->npos) {
            complain(value, at);
            return {};
        }
        return std::move(*text);
    }

    List list(const JsonValue& value) {
        List list;
        if (value.kind() != JsonValue::Kind::array) complain(value, "");
        for (const JsonValue& element : value.elements())
            list.push_back(text(element, fmt::format("/{}", list.size())));
        return list;
    }

    Map map(const JsonValue& value) {
        Map map;
        if (value.kind() != JsonValue::Kind::object) complain(value, "");
        for (const auto& [name, member] : value.members()) {
            const std::string at = "/" + protocol::pointer_token(name);
            if (has_name(map, name))
                complaints_.push_back({at, "a second member of that name", "one of each name"});
            map.emplace_back(name, text(member, at));
        }
        return map;
    }

    std::variant<Setting, Complaints> result(Setting setting) {
        if (!complaints_.empty()) return std::move(complaints_);
        return setting;
    }

  private:
    void complain(const JsonValue& value, const std::string& at) {
        complaints_.push_back({at, shortened(value.raw()), std::string(type_.words)});
    }

    const OptionType& type_;
    Complaints complaints_;
};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!word.empty()) words.emplace_back(word);
    }
    return words;
}

bool is_word(const std::string& text) {
    return !text.empty() && text.find(' ') == text.npos && text[0] != '[' && text[0] != '{';
}

}  // namespace

std::variant<Setting, Complaints> setting_of(const JsonValue& value, const OptionType& type) {
    Reader reader(type);
    switch (type.shape) {
        case Shape::text:
            return reader.result(reader.text(value, ""));
        case Shape::list:
            return reader.result(reader.list(value));
        case Shape::map:
            break;
    }
    return reader.result(reader.map(value));
}

std::variant<Setting, Complaints> setting_of(std::string_view text, const OptionType& type) {
    if (type.shape == Shape::text) return std::string(text);
    const bool is_list = type.shape == Shape::list;
    if (text.starts_with(is_list ? '[' : '{')) {
        if (const auto value = JsonValue::parse(text)) return setting_of(*value, type);
        return Complaints{{"", shortened(text), std::string(type.words)}};
    }
    const List words = words_of(text);
    if (is_list) return words;
    Map map;
    for (const std::string& word : words) {
        const auto equals = word.find('=');
        if (equals == 0 || equals == word.npos)
            return Complaints{{"", shortened(text), std::string(type.words)}};
        map.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return map;
}

std::string show(const List& list) {
    if (std::all_of(list.begin(), list.end(), is_word))
        return fmt::format("{}", fmt::join(list, " "));
    std::string json;
    for (const std::string& text : list)
        json += (json.empty() ? "[" : ",") + protocol::json_string(text);
    return json + "]";
}

std::string show(const Map& map) {
    List words;
    protocol::JsonObject object;
    for (const auto& [name, value] : map) {
        words.push_back(name + "=" + value);
        object.text(name, value);
    }
    const bool plain = std::all_of(words.begin(), words.end(), is_word);
    return plain ? fmt::format("{}", fmt::join(words, " ")) : object.finish();
}

std::string shortened(std::string_view text) {
    constexpr std::size_t room = 80;
    if (text.size() <= room) return std::string(text);
    return std::string(text.substr(0, room)) + "...";
}

}  // namespace forklift::handlers
