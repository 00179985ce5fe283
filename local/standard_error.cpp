#include "local/standard_error.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include "process/log_pipe.h"
#include "process/unblocked_output.h"

namespace forklift::local {

namespace {

// Of the program, as its stderr is.
std::optional<process::LogPipe> unblocked;
std::string left_over;

/// Returns when it is written, when nobody reads it any more, or when nobody has for `patience`.
void write_out(std::string_view text, std::chrono::milliseconds patience) {
    process::UnblockedOutput output(STDERR_FILENO);
    while (!text.empty()) {
        const auto count = output.write_some(text);
        if (!count || (*count == 0 && !output.wait_for_room(patience))) return;
        text.remove_prefix(*count);
    }
}

}  // namespace

void write_to_stderr(std::string_view text) noexcept {
    if (unblocked) return unblocked->write(text);
    constexpr std::chrono::milliseconds no_limit{-1};
    flush_stderr(no_limit);
    write_out(text, no_limit);
}

UnblockedStderr::UnblockedStderr(boost::asio::io_context& loop) {
    // Longer than on Lambda, where an event may have no more time than that.
    constexpr std::chrono::milliseconds patience{500};
    unblocked.emplace(loop.get_executor(), STDERR_FILENO, patience);
}

UnblockedStderr::~UnblockedStderr() {
    left_over += unblocked->take_rest();
    unblocked.reset();
}

bool stderr_is_congested() { return unblocked && unblocked->congested(); }

void flush_stderr(std::chrono::milliseconds patience) noexcept {
    write_out(std::exchange(left_over, {}), patience);
}

}  // namespace forklift::local
