#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace forklift::local {

/// What Lambda reports of an invocation.
struct Report {
    std::string_view request_id;
    std::chrono::nanoseconds duration{0};
    /// From the start of bootstrap to its first poll; in an environment's first invocation only.
    std::optional<std::chrono::nanoseconds> init;
    int memory_mb = 0;
    std::size_t peak_bytes = 0;
    /// Empty for success.
    std::string_view error_type;
};

/// Lambda's REPORT line, without a line end. What is billed is duration and init, in whole
/// milliseconds, as Lambda does since August 2025.
std::string report_line(const Report& report);

/// The line that stands before END when the time was up: the time of day, the id and `text`.
std::string timeout_line(std::string_view request_id, std::string_view text);

/// The line of an init that failed before any event came.
std::string init_report_line(std::chrono::nanoseconds init, std::string_view error_type);

}  // namespace forklift::local
