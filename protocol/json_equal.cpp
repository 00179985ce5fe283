#include "protocol/json_equal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace forklift::protocol {

namespace {

std::optional<double> to_double(std::string_view number) {
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
    return value;
}

bool numbers_equal(const JsonValue& a, const JsonValue& b) {
    const auto x = to_double(a.raw());
    return x && x == to_double(b.raw());
}

/// A string that UTF-8 cannot hold equals only itself as it is written.
bool strings_equal(const JsonValue& a, const JsonValue& b) {
    const auto x = a.string();
    return x && x == b.string();
}

bool arrays_equal(const JsonValue& a, const JsonValue& b) {
    const auto x = a.elements();
    const auto y = b.elements();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), json_equal);
}

std::map<std::string, JsonValue> by_name(const JsonValue& object) {
    std::map<std::string, JsonValue> members;
    for (const auto& [name, value] : object.members()) members.insert_or_assign(name, value);
    return members;
}

bool objects_equal(const JsonValue& a, const JsonValue& b) {
    const auto x = by_name(a);
    const auto y = by_name(b);
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& one, const auto& two) {
        return one.first == two.first && json_equal(one.second, two.second);
    });
}

}  // namespace

bool json_equal(const JsonValue& a, const JsonValue& b) {
    if (a.kind() != b.kind()) return false;
    if (a.raw() == b.raw()) return true;
    switch (a.kind()) {
        case JsonValue::Kind::number:
            return numbers_equal(a, b);
        case JsonValue::Kind::string:
            return strings_equal(a, b);
        case JsonValue::Kind::array:
            return arrays_equal(a, b);
        case JsonValue::Kind::object:
            return objects_equal(a, b);
        default:
            return false;
    }
}

}  // namespace forklift::protocol
