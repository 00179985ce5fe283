#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "protocol/limits.h"

namespace forklift::handlers {

/// How a handler runs: one process for each event, for now.
enum class Mode { fork };

/// What becomes of a child's stdout.
enum class OutputForm { automatic, json, text, base64, raw };

/// What a user may choose for a handler. The names, types and meanings stand in option_table.cpp.
struct Options {
    Mode mode = Mode::fork;
    OutputForm output = OutputForm::automatic;
    /// Empty for the form's own.
    std::string content_type;
    /// Error types by exit status.
    std::map<int, std::string> exit_errors;
    std::chrono::milliseconds stop_margin{300};
    std::chrono::milliseconds stop_grace{200};
    /// Bytes of stdout.
    std::size_t max_output = protocol::max_response_bytes;
};

}  // namespace forklift::handlers
