#include "handlers/option_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "handlers/nearest.h"

namespace forklift::handlers {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view prefix = "FORKLIFT_";
/// Lambda's longest timeout.
constexpr std::size_t max_duration_ms = 900'000;

/// A whole number and what stands behind it.
std::optional<std::pair<std::size_t, std::string_view>> number_and_unit(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

bool set_duration(milliseconds& duration, std::string_view text) {
    const auto parts = number_and_unit(text);
    if (!parts) return false;
    const auto& [number, unit] = *parts;
    if (!unit.empty() && unit != "ms" && unit != "s") return false;
    const std::size_t factor = unit == "s" ? 1000 : 1;
    if (number > max_duration_ms / factor) return false;
    duration = milliseconds(number * factor);
    return true;
}

std::string show_duration(milliseconds duration) { return fmt::format("{}ms", duration.count()); }

bool set_bytes(std::size_t& bytes, std::string_view text) {
    const auto parts = number_and_unit(text);
    if (!parts || parts->first == 0 || parts->first > std::size_t{1} << 40) return false;
    const auto& [number, unit] = *parts;
    const std::size_t factor = unit.empty()    ? 1
                               : unit == "KiB" ? 1024
                               : unit == "MiB" ? 1024 * 1024
                                               : 0;
    bytes = number * factor;
    return factor != 0;
}

constexpr std::array<std::pair<std::string_view, OutputForm>, 5> forms = {{
    {"auto", OutputForm::automatic},
    {"json", OutputForm::json},
    {"text", OutputForm::text},
    {"base64", OutputForm::base64},
    {"raw", OutputForm::raw},
}};

bool set_output(Options& options, std::string_view text) {
    const auto form = std::find_if(forms.begin(), forms.end(),
                                   [&](const auto& entry) { return entry.first == text; });
    if (form == forms.end()) return false;
    options.output = form->second;
    return true;
}

std::string show_output(const Options& options) {
    const auto form = std::find_if(forms.begin(), forms.end(), [&](const auto& entry) {
        return entry.second == options.output;
    });
    return std::string(form->first);
}

/// "3=NotFound 4=Denied".
bool set_exit_errors(Options& options, std::string_view text) {
    std::map<int, std::string> errors;
    while (!text.empty()) {
        const std::string_view entry = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), entry.size() + 1));
        if (entry.empty()) continue;
        const auto parts = number_and_unit(entry);
        if (!parts || parts->first < 1 || parts->first > 255) return false;
        if (parts->second.size() < 2 || parts->second[0] != '=') return false;
        errors[static_cast<int>(parts->first)] = parts->second.substr(1);
    }
    options.exit_errors = std::move(errors);
    return true;
}

std::string show_exit_errors(const Options& options) {
    std::string text;
    for (const auto& [status, type] : options.exit_errors) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", status, type);
    }
    return text;
}

bool is_header_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

constexpr std::array<Option, 7> table = {{
    {"mode", "fork", "How the program runs: fork starts it once for each event.",
     [](Options&, std::string_view text) { return text == "fork"; },
     [](const Options&) { return std::string("fork"); }},
    {"output", "auto, json, text, base64 or raw",
     "What becomes of stdout when the program exits 0.", set_output, show_output},
    {"content_type", "a media type",
     "Content-Type of the response; empty for the one that fits output.",
     [](Options& options, std::string_view text) {
         if (!is_header_value(text)) return false;
         options.content_type = text;
         return true;
     },
     [](const Options& options) { return options.content_type; }},
    {"exit_errors", "STATUS=TYPE pairs with spaces between them",
     "Error types for exit statuses: \"3=NotFound 4=Denied\".", set_exit_errors, show_exit_errors},
    {"stop_margin", "a duration: 300, 300ms or 2s",
     "How long before Lambda's deadline a program that still runs is stopped.",
     [](Options& options, std::string_view text) {
         return set_duration(options.stop_margin, text);
     },
     [](const Options& options) { return show_duration(options.stop_margin); }},
    {"stop_grace", "a duration: 200, 200ms or 1s",
     "How long a stopped program has between SIGTERM and SIGKILL; part of stop_margin.",
     [](Options& options, std::string_view text) { return set_duration(options.stop_grace, text); },
     [](const Options& options) { return show_duration(options.stop_grace); }},
    {"max_output", "a size: 4096, 64KiB or 6MiB", "Bytes that the program may write to stdout.",
     [](Options& options, std::string_view text) { return set_bytes(options.max_output, text); },
     [](const Options& options) { return std::to_string(options.max_output); }},
}};

std::vector<std::string> variable_names() {
    std::vector<std::string> names;
    for (const Option& option : table) names.push_back(variable_name(option));
    return names;
}

const Option* find_by_variable(std::string_view variable) {
    for (const Option& option : table) {
        if (variable_name(option) == variable) return &option;
    }
    return nullptr;
}

}  // namespace

std::span<const Option> option_table() { return table; }

std::string variable_name(const Option& option) {
    std::string name(prefix);
    for (const char c : option.name)
        name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return name;
}

std::vector<std::string> read_variables(const std::vector<std::string>& environment,
                                        Options& options) {
    std::vector<std::string> mistakes;
    for (const std::string& entry : environment) {
        if (!entry.starts_with(prefix)) continue;
        const auto equals = entry.find('=');
        const std::string name = entry.substr(0, equals);
        const std::string value = entry.substr(equals + 1);
        const Option* option = find_by_variable(name);
        if (!option) {
            mistakes.push_back(
                fmt::format("the environment variable {} is not known; did you mean {}?", name,
                            nearest(name, variable_names())));
        } else if (!option->set(options, value)) {
            mistakes.push_back(fmt::format("the environment variable {} is \"{}\"; it must be {}",
                                           name, value, option->type));
        }
    }
    return mistakes;
}

}  // namespace forklift::handlers
