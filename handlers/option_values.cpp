#include "handlers/option_values.h"

#include <fmt/format.h>

#include "handlers/argument_template.h"
#include "handlers/nearest.h"
#include "handlers/quantity.h"
#include "process/exit_status.h"
#include "protocol/json_pointer.h"

namespace forklift::handlers {

namespace {

constexpr std::size_t most_files = std::size_t{1} << 20;
constexpr std::size_t most_seconds = 900;

std::string at_name(std::string_view name) { return "/" + protocol::pointer_token(name); }

/// The number of an exit status that is not 0.
std::optional<std::size_t> failure_status(std::string_view text) {
    return parse_count(text, 1, 255);
}

constexpr std::array<std::string_view, 4> limit_names = {"memory", "cpu", "files", "processes"};

std::optional<std::size_t> parse_limit(std::string_view name, std::string_view text) {
    if (name == "memory") return parse_size(text);
    return parse_count(text, 1, name == "cpu" ? most_seconds : most_files);
}

constexpr std::string_view words_of_limit(std::string_view name) {
    return name == "memory" ? "a size: 4096, 64KiB or 512MiB"
           : name == "cpu"  ? "whole seconds of CPU time, 1 to 900"
                            : "a number from 1 to 1048576";
}

std::optional<rlim_t>& limit(process::ResourceLimits& limits, std::string_view name) {
    if (name == "memory") return limits.memory;
    if (name == "cpu") return limits.cpu;
    return name == "files" ? limits.files : limits.processes;
}

}  // namespace

Complaints unfit(std::string_view text, std::string_view words) {
    return {{"", fmt::format("\"{}\"", shortened(text)), std::string(words)}};
}

Complaints set_command(Options& options, const Setting& setting) {
    const auto& command = std::get<List>(setting);
    Complaints complaints;
    if (command.empty() || command[0].empty()) {
        complaints.push_back({command.empty() ? "" : "/0", "no program", "a program's name first"});
    }
    for (std::size_t i = 0; i < command.size(); ++i) {
        const std::string at = fmt::format("/{}", i);
        const auto compiled = ArgumentTemplate::compile(command[i]);
        if (const auto* mistake = std::get_if<TemplateMistake>(&compiled)) {
            complaints.push_back(
                {at, fmt::format("\"{}\"", shortened(command[i])), mistake->message});
        } else if (i == 0 && command[0].find('{') != std::string::npos) {
            complaints.push_back({at, fmt::format("\"{}\"", shortened(command[i])),
                                  "a program that no event can choose: no template"});
        }
    }
    if (complaints.empty()) options.command = command;
    return complaints;
}

Complaints set_environment(Options& options, const Setting& setting) {
    const auto& map = std::get<Map>(setting);
    Complaints complaints;
    for (const auto& [name, value] : map) {
        if (name.empty() || name.find('=') != name.npos || name.find('\0') != name.npos) {
            complaints.push_back({at_name(name), fmt::format("the name \"{}\"", name),
                                  "a variable's name: not empty, and without ="});
        }
    }
    if (complaints.empty()) options.environment = map;
    return complaints;
}

Complaints set_exit_errors(Options& options, const Setting& setting) {
    std::map<int, std::string> by_status;
    std::map<int, std::string> by_signal;
    Complaints complaints;
    for (const auto& [key, type] : std::get<Map>(setting)) {
        const auto status = failure_status(key);
        const int signal = key.starts_with("SIG") ? process::signal_number(key).value_or(0) : 0;
        const bool printable =
            std::all_of(type.begin(), type.end(), [](char c) { return c > ' ' && c <= '~'; });
        if (!status && signal == 0) {
            complaints.push_back({at_name(key), fmt::format("the key \"{}\"", key),
                                  "an exit status from 1 to 255, or a signal such as SIGSEGV"});
        } else if (type.empty() || !printable) {
            complaints.push_back({at_name(key), fmt::format("\"{}\"", shortened(type)),
                                  "an error type: printable characters without spaces"});
        } else if (status) {
            by_status[static_cast<int>(*status)] = type;
        } else {
            by_signal[signal] = type;
        }
    }
    if (!complaints.empty()) return complaints;
    options.exit_errors = std::move(by_status);
    options.signal_errors = std::move(by_signal);
    return {};
}

std::string show_exit_errors(const Options& options) {
    Map map;
    for (const auto& [status, type] : options.exit_errors)
        map.emplace_back(std::to_string(status), type);
    for (const auto& [signal, type] : options.signal_errors)
        map.emplace_back(process::signal_name(signal), type);
    return show(map);
}

Complaints set_success_codes(Options& options, const Setting& setting) {
    const auto& list = std::get<List>(setting);
    std::set<int> codes;
    Complaints complaints;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (const auto code = parse_count(list[i], 0, 255)) {
            codes.insert(static_cast<int>(*code));
        } else {
            complaints.push_back(
                {fmt::format("/{}", i), shortened(list[i]), "an exit status from 0 to 255"});
        }
    }
    if (list.empty()) complaints.push_back({"", "no exit status", "one at least"});
    if (complaints.empty()) options.success_codes = std::move(codes);
    return complaints;
}

std::string show_success_codes(const Options& options) {
    return fmt::format("{}", fmt::join(options.success_codes, " "));
}

Complaints set_limits(Options& options, const Setting& setting) {
    process::ResourceLimits limits;
    Complaints complaints;
    for (const auto& [name, text] : std::get<Map>(setting)) {
        if (std::find(limit_names.begin(), limit_names.end(), name) == limit_names.end()) {
            const std::vector<std::string> names(limit_names.begin(), limit_names.end());
            complaints.push_back(
                {at_name(name), fmt::format("the unknown key \"{}\"", name),
                 fmt::format("memory, cpu, files or processes; did you mean \"{}\"?",
                             nearest(name, names))});
        } else if (const auto number = parse_limit(name, text)) {
            limit(limits, name) = *number;
        } else {
            complaints.push_back({at_name(name), fmt::format("\"{}\"", shortened(text)),
                                  std::string(words_of_limit(name))});
        }
    }
    if (complaints.empty()) options.limits = limits;
    return complaints;
}

std::string show_limits(const Options& options) {
    Map map;
    process::ResourceLimits limits = options.limits;
    for (const std::string_view name : limit_names) {
        if (const auto& value = limit(limits, name)) map.emplace_back(name, std::to_string(*value));
    }
    return show(map);
}

Complaints set_input(Options& options, const Setting& setting) {
    const auto& text = std::get<std::string>(setting);
    const bool is_word = text == "event" || text == "none" || text == "body";
    if (!is_word && (!text.starts_with('/') || !protocol::JsonPointer::parse(text)))
        return unfit(text, "event, none, body or a JSON Pointer such as /image");
    options.input = text;
    return {};
}

Complaints set_records(Options& options, const Setting& setting) {
    const auto& text = std::get<std::string>(setting);
    if (!protocol::JsonPointer::parse(text)) return unfit(text, "a JSON Pointer such as /Records");
    options.records = text;
    return {};
}

Complaints set_content_type(Options& options, const Setting& setting) {
    const auto& text = std::get<std::string>(setting);
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!printable) return unfit(text, "a media type such as image/png");
    options.content_type = text;
    return {};
}

}  // namespace forklift::handlers
