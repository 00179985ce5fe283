#include "handlers/option_table.h"

#include <array>

#include "handlers/nearest.h"
#include "handlers/option_values.h"
#include "handlers/quantity.h"

namespace forklift::handlers {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_parallel = 1000;

constexpr std::string_view duration_schema =
    R"("type": ["string", "integer"], "pattern": "^[0-9]+(ms|s)?$", "minimum": 0, "maximum": 900000)";
constexpr OptionType duration{Shape::text, Scalars::strings_and_numbers,
                              "a duration: 300, 300ms or 2s; at most 900s", duration_schema};
/// A day.
constexpr milliseconds longest_age{86'400'000};
constexpr OptionType age{
    Shape::text, Scalars::strings_and_numbers, "a duration: 60000, 60000ms or 60s; at most 86400s",
    R"("type": ["string", "integer"], "pattern": "^[0-9]+(ms|s)?$", "minimum": 0, "maximum": 86400000)"};
constexpr OptionType boolean{Shape::text, Scalars::booleans, "true or false",
                             R"("type": "boolean")"};

template <milliseconds Options::*member>
Complaints set_duration(Options& options, const Setting& setting) {
    const auto& text = std::get<std::string>(setting);
    const auto value = parse_duration(text);
    if (!value) return unfit(text, duration.words);
    options.*member = *value;
    return {};
}

template <milliseconds Options::*member>
std::string get_duration(const Options& options) {
    return show_duration(options.*member);
}

template <bool Options::*member>
Complaints set_truth(Options& options, const Setting& setting) {
    const auto& text = std::get<std::string>(setting);
    if (!choose(truths, text, options.*member)) return unfit(text, boolean.words);
    return {};
}

template <bool Options::*member>
std::string get_truth(const Options& options) {
    return word_for(truths, options.*member);
}

constexpr std::string_view mode_words = "fork, worker or http";
constexpr std::string_view port_words = "a number from 1 to 65535";
constexpr std::string_view framing_words = "lines or framed";
constexpr std::string_view requests_words = "a number up to 1000000000";
constexpr std::size_t most_requests = 1'000'000'000;
constexpr std::string_view output_words = "auto, json, text, base64 or raw";
constexpr std::string_view encoding_words = "utf8 or base64";
constexpr std::string_view size_words = "a size: 4096, 64KiB or 6MiB";
constexpr std::string_view rss_words = "a size: 64MiB, 1GiB, or 0";
constexpr std::string_view parallel_words = "a number from 1 to 1000";

constexpr std::array<Option, 26> table = {{
    {"command",
     {Shape::list, Scalars::strings,
      "an array of strings: the program, then its arguments; in a variable, words",
      R"("type": "array", "items": {"type": "string"}, "minItems": 1)"},
     "The program (a file in the task root, else a program on PATH) and its arguments, which may "
     "hold templates. Without it the handler's name is the program.",
     set_command,
     [](const Options& options) { return show(options.command); }},
    {"mode",
     {Shape::text, Scalars::strings, mode_words, R"("enum": ["fork", "worker", "http"])"},
     "How the program runs: fork starts it once for each event; worker starts it once, and speaks "
     "the worker protocol with it; http starts it once, and sends it HTTP requests. Default: "
     "worker for a function of a file (file.function), fork "
     "for all else.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         return choose(modes, text, options.mode) ? Complaints() : unfit(text, mode_words);
     },
     [](const Options& options) { return word_for(modes, options.mode); }},
    {"env",
     {Shape::map, Scalars::strings,
      "an object of strings: variables by name; in a variable, NAME=VALUE words",
      R"("type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"pattern": "^[^=]+$"})"},
     "Environment variables for the program, beside the ones that the function has.",
     set_environment,
     [](const Options& options) { return show(options.environment); }},
    {"cwd",
     {Shape::text, Scalars::strings, "a folder", R"("type": "string")"},
     "The folder to start in; relative to the task root. Empty: where Lambda started bootstrap, "
     "which is the task root.",
     [](Options& options, const Setting& setting) {
         options.directory = std::get<std::string>(setting);
         return Complaints();
     },
     [](const Options& options) { return options.directory; }},
    {"input",
     {Shape::text, Scalars::strings, "event, none, body or a JSON Pointer such as /image",
      R"("type": "string", "pattern": "^(event|none|body|/.*)$")"},
     "What stands on stdin, or in {input_file}: the event, nothing, the body of an HTTP event, or "
     "the part of the event that a JSON Pointer names.",
     set_input,
     [](const Options& options) { return options.input; }},
    {"input_encoding",
     {Shape::text, Scalars::strings, encoding_words, R"("enum": ["utf8", "base64"])"},
     "What the string that input points at holds: text, or base64 that is decoded first.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const bool known = choose(encodings, text, options.input_encoding);
         return known ? Complaints() : unfit(text, encoding_words);
     },
     [](const Options& options) { return word_for(encodings, options.input_encoding); }},
    {"output",
     {Shape::text, Scalars::strings, output_words,
      R"("enum": ["auto", "json", "text", "base64", "raw"])"},
     "What becomes of stdout, or of {output_file}, when the program succeeds.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const bool known = choose(output_forms, text, options.output);
         return known ? Complaints() : unfit(text, output_words);
     },
     [](const Options& options) { return word_for(output_forms, options.output); }},
    {"content_type",
     {Shape::text, Scalars::strings, "a media type such as image/png",
      R"("type": "string", "pattern": "^[ -~]*$")"},
     "Content-Type of the response; empty for the one that fits output.",
     set_content_type,
     [](const Options& options) { return options.content_type; }},
    {"event_options", boolean,
     "Says that an argument which begins with what the event holds may become an option of the "
     "program, so that check does not warn of it.",
     set_truth<&Options::event_options>, get_truth<&Options::event_options>},
    {"exit_errors",
     {Shape::map, Scalars::strings,
      R"(an object, {"3": "NotFound", "SIGSEGV": "Crashed"}; in a variable, STATUS=TYPE words)",
      R"("type": "object", "additionalProperties": {"type": "string", "pattern": "^[!-~]+$"}, "propertyNames": {"pattern": "^([1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]|SIG[A-Z0-9]+)$"})"},
     "Error types for exit statuses and signals.",
     set_exit_errors,
     show_exit_errors},
    {"success_codes",
     {Shape::list, Scalars::numbers, "an array of exit statuses: [0, 1]; in a variable, words",
      R"("type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}, "minItems": 1)"},
     "The exit statuses that are a success; grep and diff end with 1 and have not failed.",
     set_success_codes,
     show_success_codes},
    {"timeout", duration,
     "How long one run may take; 0 for as long as Lambda's deadline and stop_margin leave.",
     set_duration<&Options::timeout>, get_duration<&Options::timeout>},
    {"stop_margin", duration,
     "How long before Lambda's deadline a program that still runs is stopped.",
     set_duration<&Options::stop_margin>, get_duration<&Options::stop_margin>},
    {"stop_grace", duration,
     "How long a stopped program has between SIGTERM and SIGKILL; part of stop_margin.",
     set_duration<&Options::stop_grace>, get_duration<&Options::stop_grace>},
    {"max_output",
     {Shape::text, Scalars::strings_and_numbers, size_words,
      R"("type": ["string", "integer"], "pattern": "^[0-9]+(KiB|MiB|GiB)?$", "minimum": 1)"},
     "Bytes that the program may write to stdout, or to {output_file}.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const auto size = parse_size(text);
         if (size) options.max_output = *size;
         return size ? Complaints() : unfit(text, size_words);
     },
     [](const Options& options) { return std::to_string(options.max_output); }},
    {"limits",
     {Shape::map, Scalars::strings_and_numbers,
      R"(an object, {"memory": "512MiB", "cpu": 10, "files": 64, "processes": 8}; in a variable, NAME=VALUE words)",
      R"("type": "object", "additionalProperties": false, "properties": {"memory": {"type": ["string", "integer"], "pattern": "^[0-9]+(KiB|MiB|GiB)?$", "minimum": 1}, "cpu": {"type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": 900}, "files": {"type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": 1048576}, "processes": {"type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": 1048576}})"},
     "Resource limits of the program and each of its descendants: bytes of address space, seconds "
     "of CPU time, open files, processes of the user.",
     set_limits,
     show_limits},
    {"scratch", boolean,
     "A private folder for each run, offered as TMPDIR and removed afterwards. {input_file} and "
     "{output_file} bring it along.",
     set_truth<&Options::scratch>, get_truth<&Options::scratch>},
    {"keep_background", boolean,
     "Leaves alone what the program has started and left behind: in mode fork all of it when the "
     "program ended by itself, in every other case what has left its process group. Without it all "
     "of that ends with the program.",
     set_truth<&Options::keep_background>, get_truth<&Options::keep_background>},
    {"records",
     {Shape::text, Scalars::strings, "a JSON Pointer such as /Records",
      R"("type": "string", "pattern": "^(/.*)?$")"},
     "Runs the program once for each record of an SQS, Kinesis or DynamoDB Streams event, and "
     "answers with batchItemFailures. Empty: the event is taken as one.",
     set_records,
     [](const Options& options) { return options.records; }},
    {"records_parallel",
     {Shape::text, Scalars::strings_and_numbers, parallel_words,
      R"("type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": 1000)"},
     "How many records run at a time; those of a stream or a FIFO queue always one by one.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const auto count = parse_count(text, 1, most_parallel);
         if (count) options.records_parallel = *count;
         return count ? Complaints() : unfit(text, parallel_words);
     },
     [](const Options& options) { return std::to_string(options.records_parallel); }},
    {"framing",
     {Shape::text, Scalars::strings, framing_words, R"("enum": ["lines", "framed"])"},
     "How a worker reads and writes: an event and an answer as a line each, or as messages with "
     "headers. Default: lines; a function of a file is always framed.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         return choose(framings, text, options.framing) ? Complaints() : unfit(text, framing_words);
     },
     [](const Options& options) { return word_for(framings, options.framing); }},
    {"wait_ready", boolean,
     "Asks Lambda for events only after the worker has said that it is ready, so that its start "
     "counts as initialisation; a worker with the framing lines says so by its first line. "
     "Default: true for a function of a file.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         return choose(truths, text, options.wait_ready) ? Complaints()
                                                         : unfit(text, boolean.words);
     },
     [](const Options& options) { return word_for(truths, options.wait_ready); }},
    {"max_requests",
     {Shape::text, Scalars::strings_and_numbers, requests_words,
      R"("type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 0, "maximum": 1000000000)"},
     "How many events a worker answers before another one follows it, or up to a tenth fewer; 0 "
     "for no limit.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const auto count = parse_count(text, 0, most_requests);
         if (count) options.max_requests = *count;
         return count ? Complaints() : unfit(text, requests_words);
     },
     [](const Options& options) { return std::to_string(options.max_requests); }},
    {"max_age", age,
     "The age at which another worker follows, looked at after each answer; 0 for no limit.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const auto value = parse_duration(text, longest_age);
         if (value) options.max_age = *value;
         return value ? Complaints() : unfit(text, age.words);
     },
     get_duration<&Options::max_age>},
    {"max_rss",
     {Shape::text, Scalars::strings_and_numbers, rss_words,
      R"("type": ["string", "integer"], "pattern": "^[0-9]+(KiB|MiB|GiB)?$", "minimum": 0)"},
     "Bytes of resident memory at which another worker follows, looked at after each answer; 0 "
     "for no limit.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const auto size = text == "0" ? std::optional<std::size_t>(0) : parse_size(text);
         if (size) options.max_rss = *size;
         return size ? Complaints() : unfit(text, rss_words);
     },
     [](const Options& options) { return std::to_string(options.max_rss); }},
    {"port",
     {Shape::text, Scalars::strings_and_numbers, port_words,
      R"("type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": 65535)"},
     "Where a web server listens, on 127.0.0.1; it gets the number in the variable PORT.",
     [](Options& options, const Setting& setting) {
         const auto& text = std::get<std::string>(setting);
         const auto port = parse_count(text, 1, 65535);
         if (port) options.port = static_cast<std::uint16_t>(*port);
         return port ? Complaints() : unfit(text, port_words);
     },
     [](const Options& options) {
         return options.port == 0 ? std::string() : std::to_string(options.port);
     }},
}};

}  // namespace

std::span<const Option> option_table() { return table; }

const Option* find_option(std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Option& option) { return option.name == name; });
    return found == table.end() ? nullptr : found;
}

std::string nearest_option(std::string_view name) {
    std::vector<std::string> names;
    for (const Option& option : table) names.emplace_back(option.name);
    return nearest(name, names);
}

std::string variable_name(const Option& option) {
    std::string name = "FORKLIFT_";
    for (const char c : option.name)
        name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return name;
}

}  // namespace forklift::handlers
