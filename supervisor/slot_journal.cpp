#include "supervisor/slot_journal.h"

namespace forklift::supervisor {

namespace {

/// A longer line goes to the log in pieces, so that its length costs no memory.
constexpr std::size_t max_partial_line = 64 * 1024;

}  // namespace

void SlotJournal::write(std::string_view text) {
    const auto last_end = text.rfind('\n');
    const std::size_t whole = last_end == text.npos ? 0 : last_end + 1;
    if (whole > 0) {
        log_.text(this, partial_line_);
        log_.text(this, text.substr(0, whole));
        partial_line_.clear();
    }
    partial_line_ += text.substr(whole);
    if (partial_line_.size() > max_partial_line) {
        log_.text(this, partial_line_);
        partial_line_.clear();
    }
}

void SlotJournal::end_output() {
    log_.text(this, partial_line_);
    partial_line_.clear();
    log_.end_line(this);
}

}  // namespace forklift::supervisor
