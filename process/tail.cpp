#include "process/tail.h"

#include <algorithm>

namespace forklift::process {

void Tail::add(std::string_view text) {
    if (text.size() > max_bytes_) {
        cut_ = true;
        kept_.clear();
        text.remove_prefix(text.size() - max_bytes_);
    }
    kept_.append(text);
    // Twice the size before anything is moved, so that a stream of short lines costs little.
    if (kept_.size() > 2 * max_bytes_) {
        cut_ = true;
        kept_.erase(0, kept_.size() - max_bytes_);
    }
}

std::vector<std::string> Tail::lines() const {
    std::string_view text = kept_;
    bool cut = cut_;
    if (text.size() > max_bytes_) {
        cut = true;
        text.remove_prefix(text.size() - max_bytes_);
    }
    if (text.ends_with('\n')) text.remove_suffix(1);
    std::vector<std::string> lines;
    while (!text.empty() && lines.size() < max_lines_) {
        const auto end = text.rfind('\n');
        lines.emplace_back(end == text.npos ? text : text.substr(end + 1));
        if (end == text.npos) {
            if (cut) lines.back().insert(0, "...");
            break;
        }
        text = text.substr(0, end);
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

}  // namespace forklift::process
