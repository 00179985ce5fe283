#include "handlers/line_journal.h"

namespace forklift::handlers {

namespace {

/// A longer line is passed on in pieces, so that its length costs no memory.
constexpr std::size_t max_line = 64 * 1024;

}  // namespace

void LineJournal::write(std::string_view text) {
    line_ += text;
    const auto last_end = line_.rfind('\n');
    if (last_end != line_.npos) {
        journal_.write(std::string_view(line_).substr(0, last_end + 1));
        line_.erase(0, last_end + 1);
    }
    if (line_.size() > max_line) end();
}

void LineJournal::end() {
    if (line_.empty()) return;
    line_ += '\n';
    journal_.write(line_);
    line_.clear();
}

}  // namespace forklift::handlers
