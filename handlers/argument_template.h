#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "handlers/event.h"
#include "protocol/json_pointer.h"

namespace forklift::handlers {

/// A part of the event, as an argument names it: {/pointer} or {/pointer|default}.
struct Field {
    protocol::JsonPointer pointer;
    std::optional<std::string> otherwise;
};

/// {input_file} or {output_file}, with the ending the file's name is to have: {output_file.png}.
struct FileName {
    enum class Which { input, output };
    Which which = Which::input;
    std::string ending;
};

/// The paths that stand for {input_file} and {output_file}.
struct FilePaths {
    std::string input;
    std::string output;
};

/// What is wrong with a template, in words.
struct TemplateMistake {
    std::string message;
};

/// One argument of a command as a user wrote it, compiled once: literal text, {/pointer} and
/// {/pointer|default}, {{ for a brace, and {@/pointer}, which stands alone and becomes one argument
/// for each element of an array.
class ArgumentTemplate {
  public:
    static std::variant<ArgumentTemplate, TemplateMistake> compile(std::string_view text);

    /// Appends the argument, or the several of {@/list}, for one event. Whatever the event holds,
    /// each value becomes exactly one argument, or the failure that says why it cannot.
    std::optional<protocol::Failure> fill(Event& event, const FilePaths& files,
                                          std::vector<std::string>& arguments) const;

    /// True when the event decides how the argument begins: it could become an option.
    bool begins_with_field() const;
    /// True when it is the same for every event.
    bool is_literal() const;
    /// True when it becomes one argument for each element of an array.
    bool spreads() const { return spreads_; }
    /// The files that it names.
    std::vector<FileName> files() const;
    /// As it was written.
    const std::string& text() const { return text_; }

  private:
    using Part = std::variant<std::string, Field, FileName>;

    std::optional<TemplateMistake> add(std::string_view inside);
    void add_literal(std::string_view text);
    std::optional<protocol::Failure> fill_spread(Event& event,
                                                 std::vector<std::string>& arguments) const;

    std::string text_;
    std::vector<Part> parts_;
    /// It is {@/pointer}, and the field its only part.
    bool spreads_ = false;
};

}  // namespace forklift::handlers
