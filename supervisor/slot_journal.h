#pragma once

#include <string>
#include <string_view>

#include "handlers/journal.h"
#include "supervisor/log.h"

namespace forklift::supervisor {

/// The journal of one slot: puts its child's stderr into the log line by line, and our own warnings
/// with the id of the invocation they belong to.
class SlotJournal : public handlers::Journal {
  public:
    explicit SlotJournal(Log& log) : log_(log) {}

    /// What follows belongs to this invocation; empty for none.
    void begin(std::string request_id) { request_id_ = std::move(request_id); }

    /// The child writes no more: a last line that had no line end gets one.
    void end_output();

    void write(std::string_view text) override;
    bool congested() const override { return log_.congested(); }
    void warn(std::string_view message) override { record(LogLevel::warn, message); }
    void note(std::string_view message) override { record(LogLevel::info, message); }

    void record(LogLevel level, std::string_view message) {
        log_.record(level, request_id_, message);
    }

  private:
    Log& log_;
    std::string request_id_;
    std::string partial_line_;
};

}  // namespace forklift::supervisor
