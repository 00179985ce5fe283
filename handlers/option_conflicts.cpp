#include "handlers/option_conflicts.h"

#include <algorithm>
#include <array>
#include <span>

#include "handlers/argument_template.h"
#include "handlers/option_table.h"
#include "handlers/option_values.h"

namespace forklift::handlers {

namespace {

constexpr std::array<std::string_view, 8> of_fork_alone = {
    "input",         "input_encoding", "event_options", "exit_errors",
    "success_codes", "scratch",        "records",       "records_parallel"};
constexpr std::array<std::string_view, 5> of_workers_alone = {"framing", "wait_ready",
                                                              "max_requests", "max_age", "max_rss"};
constexpr std::array<std::string_view, 1> of_http_alone = {"port"};

struct ModeOptions {
    Mode mode;
    std::span<const std::string_view> names;
};
constexpr std::array<ModeOptions, 3> of_one_mode = {{
    {Mode::fork, of_fork_alone},
    {Mode::worker, of_workers_alone},
    {Mode::http, of_http_alone},
}};

std::vector<FileName> files_of(const Options& options) {
    std::vector<FileName> files;
    for (const std::string& text : options.command) {
        const auto compiled = ArgumentTemplate::compile(text);
        const auto* argument = std::get_if<ArgumentTemplate>(&compiled);
        if (!argument) continue;
        for (FileName& file : argument->files()) files.push_back(std::move(file));
    }
    return files;
}

void check_files(const Options& options, Complaints& complaints) {
    const std::vector<FileName> files = files_of(options);
    for (const FileName& file : files) {
        const auto differs = [&](const FileName& other) {
            return other.which == file.which && other.ending != file.ending;
        };
        if (std::any_of(files.begin(), files.end(), differs)) {
            complaints.push_back({"/command", "two endings for the same file",
                                  "one ending each for {input_file} and {output_file}"});
            return;
        }
    }
}

void check_templates(const Options& options, Complaints& complaints) {
    for (std::size_t i = 0; i < options.command.size(); ++i) {
        const auto compiled = ArgumentTemplate::compile(options.command[i]);
        const auto* argument = std::get_if<ArgumentTemplate>(&compiled);
        if (!argument || argument->is_literal()) continue;
        complaints.push_back({"/command/" + std::to_string(i), "\"" + options.command[i] + "\"",
                              "no templates with mode " + word_for(modes, options.mode) +
                                  ", which starts before there is an event (write {{ for a "
                                  "brace)"});
    }
}

/// A worker or a web server starts before there is an event, and ends with none of them.
void check_mode(const Options& options, Complaints& complaints) {
    const Options defaults;
    for (const auto& [mode, names] : of_one_mode) {
        if (mode == *options.mode) continue;
        for (const std::string_view name : names) {
            const std::string value = find_option(name)->get(options);
            if (value == find_option(name)->get(defaults)) continue;
            complaints.push_back({"/" + std::string(name), "\"" + value + "\"",
                                  "this option only with mode " + word_for(modes, mode)});
        }
    }
    if (*options.mode == Mode::http && options.port == 0)
        complaints.push_back({"/port", "no port", "the port that the web server listens on"});
    if (*options.mode != Mode::fork) check_templates(options, complaints);
}

}  // namespace

Complaints check_together(const Options& options) {
    Complaints complaints;
    if (options.input_encoding == Encoding::base64 && !options.input.starts_with('/')) {
        complaints.push_back({"/input_encoding", "base64 with input \"" + options.input + "\"",
                              "base64 only where input is a JSON Pointer"});
    }
    check_files(options, complaints);
    if (options.mode) check_mode(options, complaints);
    return complaints;
}

}  // namespace forklift::handlers
