#include "handlers/argument_template.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "process/command.h"

namespace forklift::handlers {

namespace {

using protocol::Failure;
using protocol::JsonValue;

/// What the kernel takes of all arguments and variables, whatever the limit of the stack
/// (execve(2)).
constexpr std::size_t max_arguments = 6 * 1024 * 1024;

constexpr std::string_view grammar =
    "{/pointer}, {/pointer|default}, {@/pointer}, {input_file}, {output_file}, or {{ for a brace";

TemplateMistake not_a_template(std::string_view inside) {
    return {fmt::format("{{{}}} is none of {}", inside, grammar)};
}

std::optional<FileName> file_name(std::string_view inside) {
    for (const auto& [name, which] : {std::pair("input_file", FileName::Which::input),
                                      std::pair("output_file", FileName::Which::output)}) {
        if (!inside.starts_with(name)) continue;
        const std::string_view ending = inside.substr(std::string_view(name).size());
        const bool plain = std::all_of(ending.begin(), ending.end(), [](char c) {
            return c == '.' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        });
        if (ending.empty() || (ending.size() > 1 && ending[0] == '.' && plain))
            return FileName{which, std::string(ending)};
    }
    return std::nullopt;
}

std::optional<Failure> check_argument(const std::string& argument, const std::string& source) {
    if (argument.find('\0') != argument.npos) {
        return invalid_event(
            fmt::format("the argument {} would hold a NUL, and no argument can", source));
    }
    if (argument.size() > process::max_argument_bytes) {
        return invalid_event(fmt::format(
            "the argument {} would be {} bytes, and Linux takes {}; hand long values over by input",
            source, argument.size(), process::max_argument_bytes));
    }
    return std::nullopt;
}

/// The text of a value that stands at `pointer`.
std::variant<std::string, Failure> argument_of(const JsonValue& value, const std::string& pointer) {
    auto text = text_of(value);
    if (text) return std::move(*text);
    return invalid_event(
        fmt::format("the string at {} holds half a surrogate pair, which is no text", pointer));
}

std::variant<std::string, Failure> value_of(const Field& field, Event& event,
                                            const std::string& wanted_by) {
    // A default stands in for what is missing from an event, not for an event that is not JSON.
    auto found = event.find(field.pointer);
    if (auto* failure = std::get_if<Failure>(&found)) return std::move(*failure);
    if (const auto& value = std::get<0>(found)) return argument_of(*value, field.pointer.text());
    if (field.otherwise) return *field.otherwise;
    return missing_field(field.pointer.text(), wanted_by);
}

}  // namespace

std::variant<ArgumentTemplate, TemplateMistake> ArgumentTemplate::compile(std::string_view text) {
    ArgumentTemplate made;
    made.text_ = text;
    while (!text.empty()) {
        const auto brace = text.find('{');
        made.add_literal(text.substr(0, brace));
        if (brace == text.npos) break;
        text.remove_prefix(brace + 1);
        if (text.starts_with('{')) {
            made.add_literal("{");
            text.remove_prefix(1);
            continue;
        }
        const auto end = text.find('}');
        if (end == text.npos)
            return TemplateMistake{fmt::format("a {{ without its }}; write {{{{ for a brace")};
        if (auto mistake = made.add(text.substr(0, end))) return std::move(*mistake);
        text.remove_prefix(end + 1);
    }
    if (made.spreads_ && made.parts_.size() > 1)
        return TemplateMistake{"{@/pointer} must be the whole argument"};
    return made;
}

void ArgumentTemplate::add_literal(std::string_view text) {
    if (text.empty()) return;
    auto* last = parts_.empty() ? nullptr : std::get_if<std::string>(&parts_.back());
    if (last) {
        *last += text;
    } else {
        parts_.emplace_back(std::string(text));
    }
}

/// Adds what stands between two braces.
std::optional<TemplateMistake> ArgumentTemplate::add(std::string_view inside) {
    if (auto file = file_name(inside)) {
        parts_.emplace_back(std::move(*file));
        return std::nullopt;
    }
    const bool spread = inside.starts_with('@');
    const std::string_view field = inside.substr(spread ? 1 : 0);
    const auto bar = field.find('|');
    const std::string_view path = field.substr(0, bar);
    if (path.empty()) return not_a_template(inside);
    auto pointer = protocol::JsonPointer::parse(path);
    if (!pointer) return not_a_template(inside);
    std::optional<std::string> otherwise;
    if (bar != field.npos) otherwise = field.substr(bar + 1);
    parts_.emplace_back(Field{std::move(*pointer), std::move(otherwise)});
    spreads_ = spreads_ || spread;
    return std::nullopt;
}

std::optional<Failure> ArgumentTemplate::fill(Event& event, const FilePaths& files,
                                              std::vector<std::string>& arguments) const {
    if (spreads_) return fill_spread(event, arguments);
    std::string argument;
    for (const Part& part : parts_) {
        if (const auto* field = std::get_if<Field>(&part)) {
            auto value = value_of(*field, event, "the argument " + text_);
            if (auto* failure = std::get_if<Failure>(&value)) return std::move(*failure);
            argument += std::get<std::string>(value);
        } else if (const auto* file = std::get_if<FileName>(&part)) {
            argument += file->which == FileName::Which::input ? files.input : files.output;
        } else {
            argument += std::get<std::string>(part);
        }
    }
    if (auto failure = check_argument(argument, text_)) return failure;
    arguments.push_back(std::move(argument));
    return std::nullopt;
}

std::optional<Failure> ArgumentTemplate::fill_spread(Event& event,
                                                     std::vector<std::string>& arguments) const {
    const auto& [pointer, otherwise] = std::get<Field>(parts_[0]);
    auto found = event.find(pointer);
    if (auto* failure = std::get_if<Failure>(&found)) return std::move(*failure);
    const auto& list = std::get<0>(found);
    if (!list) {
        if (!otherwise) return missing_field(pointer.text(), "the argument " + text_);
        if (!otherwise->empty()) arguments.push_back(*otherwise);
        return std::nullopt;
    }
    if (list->kind() != JsonValue::Kind::array) {
        return invalid_event(fmt::format("{} is {}, and the argument {} needs an array",
                                         pointer.text(), in_words(list->kind()), text_));
    }
    // What the kernel takes of arguments and variables together, a pointer for each included: an
    // event of many small elements must not fill our memory in vain.
    const auto most = std::min(static_cast<std::size_t>(::sysconf(_SC_ARG_MAX)), max_arguments);
    std::size_t size = 0;
    for (const JsonValue& element : list->elements()) {
        auto text = argument_of(element, pointer.text());
        if (auto* failure = std::get_if<Failure>(&text)) return std::move(*failure);
        auto& argument = std::get<std::string>(text);
        if (auto failure = check_argument(argument, text_)) return failure;
        size += argument.size() + 1 + sizeof(char*);
        if (size > most) {
            return invalid_event(fmt::format(
                "{} has more elements than a program can have arguments: Linux takes {} bytes of "
                "them here; hand long lists over by input",
                pointer.text(), most));
        }
        arguments.push_back(std::move(argument));
    }
    return std::nullopt;
}

bool ArgumentTemplate::is_literal() const {
    return std::all_of(parts_.begin(), parts_.end(),
                       [](const Part& part) { return std::holds_alternative<std::string>(part); });
}

bool ArgumentTemplate::begins_with_field() const {
    return !parts_.empty() && std::holds_alternative<Field>(parts_[0]);
}

std::vector<FileName> ArgumentTemplate::files() const {
    std::vector<FileName> files;
    for (const Part& part : parts_) {
        if (const auto* file = std::get_if<FileName>(&part)) files.push_back(*file);
    }
    return files;
}

}  // namespace forklift::handlers
