#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "handlers/options.h"
#include "handlers/setting.h"

/// How the settings of option_table.cpp are read and shown.
namespace forklift::handlers {

Complaints set_command(Options& options, const Setting& setting);

Complaints set_environment(Options& options, const Setting& setting);

/// "3=NotFound SIGSEGV=Crashed".
Complaints set_exit_errors(Options& options, const Setting& setting);
std::string show_exit_errors(const Options& options);

Complaints set_success_codes(Options& options, const Setting& setting);
std::string show_success_codes(const Options& options);

/// "memory=64MiB cpu=2".
Complaints set_limits(Options& options, const Setting& setting);
std::string show_limits(const Options& options);

Complaints set_input(Options& options, const Setting& setting);
Complaints set_records(Options& options, const Setting& setting);
Complaints set_content_type(Options& options, const Setting& setting);

/// The complaint about a text that is not what `words` say.
Complaints unfit(std::string_view text, std::string_view words);

constexpr std::array<std::pair<std::string_view, OutputForm>, 5> output_forms = {{
    {"auto", OutputForm::automatic},
    {"json", OutputForm::json},
    {"text", OutputForm::text},
    {"base64", OutputForm::base64},
    {"raw", OutputForm::raw},
}};

constexpr std::array<std::pair<std::string_view, Mode>, 3> modes = {{
    {"fork", Mode::fork},
    {"worker", Mode::worker},
    {"http", Mode::http},
}};

constexpr std::array<std::pair<std::string_view, protocol::Framing>, 2> framings = {{
    {"lines", protocol::Framing::lines},
    {"framed", protocol::Framing::framed},
}};

constexpr std::array<std::pair<std::string_view, Encoding>, 2> encodings = {{
    {"utf8", Encoding::utf8},
    {"base64", Encoding::base64},
}};

constexpr std::array<std::pair<std::string_view, bool>, 2> truths = {{
    {"true", true},
    {"false", false},
}};

/// Sets `value` to what `text` names in `words`; false when it names nothing.
template <typename Words, typename Value>
bool choose(const Words& words, std::string_view text, Value& value) {
    for (const auto& [word, meaning] : words) {
        if (word != text) continue;
        value = meaning;
        return true;
    }
    return false;
}

/// The same for a value that may be none.
template <typename Words, typename Value>
bool choose(const Words& words, std::string_view text, std::optional<Value>& value) {
    Value chosen{};
    if (!choose(words, text, chosen)) return false;
    value = chosen;
    return true;
}

template <typename Words, typename Value>
std::string word_for(const Words& words, const Value& value) {
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto& entry) { return entry.second == value; });
    return std::string(found->first);
}

template <typename Words, typename Value>
std::string word_for(const Words& words, const std::optional<Value>& value) {
    return value ? word_for(words, *value) : std::string();
}

}  // namespace forklift::handlers
