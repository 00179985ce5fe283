#include "local/report_line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace forklift::local {

namespace {

double in_milliseconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

long in_megabytes(std::size_t bytes) {
    constexpr std::size_t megabyte = 1024 * 1024;
    return static_cast<long>((bytes + megabyte - 1) / megabyte);
}

std::string status_of(std::string_view error_type) {
    if (error_type.empty()) return {};
    if (error_type == "Sandbox.Timedout") return "\tStatus: timeout";
    return fmt::format("\tStatus: error\tError Type: {}", error_type);
}

std::string now_as_text() {
    const auto now = std::chrono::system_clock::now();
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() %
        1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), milliseconds);
}

}  // namespace

std::string report_line(const Report& report) {
    const auto billed = report.duration + report.init.value_or(std::chrono::nanoseconds(0));
    std::string line = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} "
        "MB\tMax Memory Used: {} MB",
        report.request_id, in_milliseconds(report.duration),
        std::chrono::ceil<std::chrono::milliseconds>(billed).count(), report.memory_mb,
        in_megabytes(report.peak_bytes));
    if (report.init)
        line += fmt::format("\tInit Duration: {:.2f} ms", in_milliseconds(*report.init));
    return line + status_of(report.error_type);
}

std::string timeout_line(std::string_view request_id, std::string_view text) {
    return fmt::format("{} {} {}", now_as_text(), request_id, text);
}

std::string init_report_line(std::chrono::nanoseconds init, std::string_view error_type) {
    return fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: init{}", in_milliseconds(init),
                       status_of(error_type));
}

}  // namespace forklift::local
