#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "handlers/event.h"
#include "handlers/options.h"
#include "protocol/json_pointer.h"

namespace forklift::handlers {

/// Bytes that stand in the event, or were made from it.
struct Bytes {
    std::string_view view() const { return owned ? std::string_view(*owned) : borrowed; }

    std::string_view borrowed;
    std::optional<std::string> owned;
};

/// What a program reads, as the options `input` and `input_encoding` say; compiled once.
class Input {
  public:
    explicit Input(const Options& options);

    /// The bytes for one event, which must outlive them. Function.MissingField when the event has
    /// nothing at the pointer, Function.InvalidEvent when what stands there does not serve.
    std::variant<Bytes, protocol::Failure> select(Event& event) const;

  private:
    std::variant<Bytes, protocol::Failure> body(Event& event) const;
    std::variant<Bytes, protocol::Failure> pointed_at(Event& event) const;

    enum class Source { event, none, body, pointer };
    Source source_ = Source::event;
    std::optional<protocol::JsonPointer> pointer_;
    Encoding encoding_;
};

}  // namespace forklift::handlers
