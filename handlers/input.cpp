#include "handlers/input.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "protocol/http_event.h"

namespace forklift::handlers {

using protocol::Failure;
using protocol::JsonValue;

Input::Input(const Options& options)
    : source_(options.input == "event"  ? Source::event
              : options.input == "none" ? Source::none
              : options.input == "body" ? Source::body
                                        : Source::pointer),
      encoding_(options.input_encoding) {
    if (source_ == Source::pointer) pointer_ = protocol::JsonPointer::parse(options.input);
}

std::variant<Bytes, Failure> Input::select(Event& event) const {
    switch (source_) {
        case Source::event:
            return Bytes{event.text(), {}};
        case Source::none:
            return Bytes{};
        case Source::body:
            return body(event);
        case Source::pointer:
            break;
    }
    return pointed_at(event);
}

std::variant<Bytes, Failure> Input::body(Event& event) const {
    const auto json = event.json();
    if (const auto* failure = std::get_if<Failure>(&json)) return *failure;
    auto body = protocol::http_body(std::get<JsonValue>(json));
    if (auto* missing = std::get_if<protocol::NotInEvent>(&body))
        return invalid_event(std::move(missing->message));
    return Bytes{{}, std::move(std::get<std::string>(body))};
}

std::variant<Bytes, Failure> Input::pointed_at(Event& event) const {
    const std::string& where = pointer_->text();
    const auto found = event.find(*pointer_);
    if (const auto* failure = std::get_if<Failure>(&found)) return *failure;
    const auto& value = std::get<0>(found);
    if (!value) return missing_field(where, "input");
    if (encoding_ == Encoding::utf8) {
        // Anything but a string stands in the event as the program is to read it.
        if (value->kind() != JsonValue::Kind::string) return Bytes{value->raw(), {}};
        if (auto text = value->string()) return Bytes{{}, std::move(*text)};
        return invalid_event(
            fmt::format("the string at {} holds half a surrogate pair, which is no text", where));
    }
    if (value->kind() != JsonValue::Kind::string) {
        return invalid_event(fmt::format("{} is {}, and input_encoding=base64 needs a string",
                                         where, in_words(value->kind())));
    }
    auto bytes = protocol::base64_decode(value->string().value_or("?"));
    if (!bytes) {
        return invalid_event(fmt::format(
            "the string at {} is not base64, which input_encoding=base64 asks for", where));
    }
    return Bytes{{}, std::move(*bytes)};
}

}  // namespace forklift::handlers
