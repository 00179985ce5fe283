#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "protocol/json_pointer.h"
#include "protocol/json_value.h"
#include "protocol/outcome.h"

namespace forklift::handlers {

/// What a run is about: an event, or one record of it. It is taken for JSON when a part of it is
/// asked for, and not before, so that a program that wants it whole costs no parsing.
class Event {
  public:
    /// Borrows `text`.
    explicit Event(std::string_view text) : text_(text) {}
    explicit Event(const protocol::JsonValue& value) : text_(value.raw()), value_(value) {}

    std::string_view text() const { return text_; }

    /// The whole of it; Function.InvalidEvent when it is not JSON.
    std::variant<protocol::JsonValue, protocol::Failure> json();

    /// What stands at `pointer`, or nothing; Function.InvalidEvent when the event is not JSON.
    std::variant<std::optional<protocol::JsonValue>, protocol::Failure> find(
        const protocol::JsonPointer& pointer);

  private:
    std::string_view text_;
    std::optional<protocol::JsonValue> value_;
};

protocol::Failure invalid_event(std::string message);
protocol::Failure missing_field(std::string_view pointer, std::string_view wanted_by);

/// A value as a program gets it: a string as it is, any other value as JSON. Nothing for a string
/// that UTF-8 cannot hold.
std::optional<std::string> text_of(const protocol::JsonValue& value);

}  // namespace forklift::handlers
