#include "handlers/event.h"

#include <fmt/format.h>

namespace forklift::handlers {

using protocol::Failure;
using protocol::JsonValue;

std::variant<JsonValue, Failure> Event::json() {
    if (!value_) value_ = JsonValue::parse(text_);
    if (!value_) {
        return invalid_event(fmt::format(
            "the event ({} bytes) is not JSON, and the handler needs a part of it", text_.size()));
    }
    return *value_;
}

std::variant<std::optional<JsonValue>, Failure> Event::find(const protocol::JsonPointer& pointer) {
    auto whole = json();
    if (auto* failure = std::get_if<Failure>(&whole)) return std::move(*failure);
    return pointer.find(std::get<JsonValue>(whole));
}

Failure invalid_event(std::string message) {
    return {"Function.InvalidEvent", std::move(message), {}};
}

Failure missing_field(std::string_view pointer, std::string_view wanted_by) {
    return {"Function.MissingField",
            fmt::format("the event has nothing at {}, which {} asks for", pointer, wanted_by),
            {}};
}

std::optional<std::string> text_of(const JsonValue& value) {
    if (value.kind() == JsonValue::Kind::string) return value.string();
    return value.minified();
}

}  // namespace forklift::handlers
