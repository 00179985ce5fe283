#include "local/journal.h"

#include <utility>

#include "local/standard_error.h"

namespace forklift::local {

namespace {

/// What LogType: Tail gives back.
constexpr std::size_t max_tail = 4096;

}  // namespace

void Journal::begin(bool keep_tail) {
    keep_tail_ = keep_tail;
    tail_.clear();
}

void Journal::line(std::string_view text) {
    std::string whole;
    whole.reserve(text.size() + 1);
    whole.append(text).append("\n");
    lines(whole);
}

void Journal::lines(std::string_view text) {
    write_to_stderr(text);
    if (!keep_tail_) return;
    tail_.append(text);
    if (tail_.size() > 2 * max_tail) tail_.erase(0, tail_.size() - max_tail);
}

std::string Journal::take_tail() {
    keep_tail_ = false;
    if (tail_.size() > max_tail) tail_.erase(0, tail_.size() - max_tail);
    return std::exchange(tail_, {});
}

}  // namespace forklift::local
