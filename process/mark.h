#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace forklift::process {

/// Which child of which supervisor a process is, or comes from. Every child carries it in a
/// variable, and so does everything that it starts, whatever session or parent that has by then.
struct Mark {
    /// The supervisor: its pid, and its `ProcessInfo::start`.
    pid_t owner = 0;
    std::uint64_t owner_start = 0;
    /// Counts the supervisor's children from 1.
    std::uint64_t number = 0;

    bool operator==(const Mark&) const = default;

    /// The supervisor is still there.
    bool owner_lives() const;
};

/// The variable that holds it.
inline constexpr const char* mark_variable = "FORKLIFT_MARK";

/// This process as an owner; its number is 0.
const Mark& own_mark();

/// The mark of the next child of this process.
Mark next_mark();

std::string to_text(const Mark& mark);
/// Nothing for a text that is none.
std::optional<Mark> to_mark(const std::string& text);

/// The mark of any process; nothing when it has none, or none that can be seen: see
/// `initial_variable`.
std::optional<Mark> mark_of(pid_t pid);

/// Says of a process whether it has the mark, and so is the marked child or comes from it.
std::function<bool(pid_t)> comes_from(const Mark& mark);

}  // namespace forklift::process
