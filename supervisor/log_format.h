#pragma once

#include <string>
#include <string_view>

namespace forklift::supervisor {

/// AWS_LAMBDA_LOG_FORMAT.
enum class LogFormat { text, json };

/// AWS_LAMBDA_LOG_LEVEL, least important first.
enum class LogLevel { trace, debug, info, warn, error, fatal };

/// Anything but JSON is text.
LogFormat to_log_format(std::string_view text);
/// An unknown level is info, as the platform has it.
LogLevel to_log_level(std::string_view text);

/// One record, line end included: "TIME\tREQUEST-ID\tLEVEL\tMESSAGE", or one JSON object with
/// timestamp, level, message and requestId. The request id may be empty.
std::string format_record(LogFormat format, LogLevel level, std::string_view request_id,
                          std::string_view message);

}  // namespace forklift::supervisor
