#include "process/mark.h"

#include <unistd.h>

#include <charconv>
#include <string_view>

#include "process/process_info.h"

namespace forklift::process {

namespace {

/// Takes a number off `text`, and the point behind it if there is one.
bool take(std::string_view& text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with('.')) text.remove_prefix(1);
    return true;
}

}  // namespace

bool Mark::owner_lives() const {
    const auto info = process_info(owner);
    return info && !info->is_zombie && info->start == owner_start;
}

const Mark& own_mark() {
    static const Mark mark = [] {
        const auto self = process_info(::getpid());
        return Mark{::getpid(), self ? self->start : 0, 0};
    }();
    return mark;
}

Mark next_mark() {
    static Mark last = own_mark();
    ++last.number;
    return last;
}

std::string to_text(const Mark& mark) {
    return std::to_string(mark.owner) + "." + std::to_string(mark.owner_start) + "." +
           std::to_string(mark.number);
}

std::optional<Mark> to_mark(const std::string& text) {
    std::string_view rest = text;
    std::uint64_t owner = 0;
    Mark mark;
    if (!take(rest, owner) || !take(rest, mark.owner_start) || !take(rest, mark.number))
        return std::nullopt;
    mark.owner = static_cast<pid_t>(owner);
    return rest.empty() ? std::optional(mark) : std::nullopt;
}

std::optional<Mark> mark_of(pid_t pid) {
    const auto text = initial_variable(pid, mark_variable);
    return text ? to_mark(*text) : std::nullopt;
}

std::function<bool(pid_t)> comes_from(const Mark& mark) {
    return [mark](pid_t pid) { return mark_of(pid) == mark; };
}

}  // namespace forklift::process
