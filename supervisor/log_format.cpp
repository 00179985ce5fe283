#include "supervisor/log_format.h"

#include <fmt/chrono.h>

#include <array>
#include <chrono>

#include "protocol/headers.h"
#include "protocol/json.h"

namespace forklift::supervisor {

namespace {

constexpr std::array<std::string_view, 6> names = {"TRACE", "DEBUG", "INFO",
                                                   "WARN",  "ERROR", "FATAL"};

std::string timestamp() {
    using namespace std::chrono;
    const auto now = system_clock::now();
    const auto ms = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(now)),
                       ms);
}

/// A record is one line, whatever the message holds.
std::string on_one_line(std::string_view message) {
    std::string line(message);
    for (char& c : line) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    return line;
}

}  // namespace

LogFormat to_log_format(std::string_view text) {
    return protocol::equal_ignoring_case(text, "JSON") ? LogFormat::json : LogFormat::text;
}

LogLevel to_log_level(std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (protocol::equal_ignoring_case(text, names[i])) return static_cast<LogLevel>(i);
    }
    return LogLevel::info;
}

std::string format_record(LogFormat format, LogLevel level, std::string_view request_id,
                          std::string_view message) {
    const std::string_view name = names[static_cast<std::size_t>(level)];
    if (format == LogFormat::text) {
        return fmt::format("{}\t{}\t{}\t{}\n", timestamp(), request_id, name, on_one_line(message));
    }
    protocol::JsonObject record;
    record.text("timestamp", timestamp()).text("level", name).text("message", message);
    if (!request_id.empty()) record.text("requestId", request_id);
    return record.finish() + "\n";
}

}  // namespace forklift::supervisor
