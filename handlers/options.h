#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "handlers/setting.h"
#include "process/resource_limits.h"
#include "protocol/limits.h"
#include "protocol/worker_message.h"

namespace forklift::handlers {

/// How a handler runs: one process for each event, or one that stays, a worker or a web server.
enum class Mode { fork, worker, http };

/// What becomes of a child's stdout.
enum class OutputForm { automatic, json, text, base64, raw };

/// What a string that `input` points at holds.
enum class Encoding { utf8, base64 };

/// What a user may choose for a handler. The names, types and meanings stand in option_table.cpp.
struct Options {
    /// argv as templates; empty for the program that the handler's name finds.
    List command;
    /// Nothing until the program is known: a function of a file is a worker, all else is forked.
    std::optional<Mode> mode;
    Map environment;
    /// Empty for this process's own.
    std::string directory;
    /// "event", "none", "body" or a JSON Pointer.
    std::string input = "event";
    Encoding input_encoding = Encoding::utf8;
    OutputForm output = OutputForm::automatic;
    /// Empty for the form's own.
    std::string content_type;
    /// Error types by exit status, and by signal.
    std::map<int, std::string> exit_errors;
    std::map<int, std::string> signal_errors;
    std::set<int> success_codes{0};
    /// 0 for no limit but Lambda's.
    std::chrono::milliseconds timeout{0};
    std::chrono::milliseconds stop_margin{300};
    std::chrono::milliseconds stop_grace{200};
    /// Bytes of stdout, or of the output file.
    std::size_t max_output = protocol::max_response_bytes;
    process::ResourceLimits limits;
    bool scratch = false;
    /// Arguments that begin with what an event holds may be options.
    bool event_options = false;
    bool keep_background = false;
    /// JSON Pointer to the records of a batch; empty to take the event as one.
    std::string records;
    std::size_t records_parallel = 1;

    // Of workers alone.
    std::optional<protocol::Framing> framing;
    std::optional<bool> wait_ready;
    /// Events, age and resident bytes at which a worker is replaced; 0 for never.
    std::size_t max_requests = 0;
    std::chrono::milliseconds max_age{0};
    std::size_t max_rss = 0;

    /// Of web servers alone: where they listen; 0 for none.
    std::uint16_t port = 0;
};

}  // namespace forklift::handlers
