#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string_view>

namespace forklift::local {

/// How long a program that has been told to end waits for a reader of its log that takes nothing.
constexpr std::chrono::milliseconds log_patience{1000};

/// Writes `text` to stderr, or as much of it as stderr takes. Waits for its reader, unless there is
/// an `UnblockedStderr`. Never throws.
void write_to_stderr(std::string_view text) noexcept;

/// While it lives, `write_to_stderr` waits for nobody: what stderr does not take at once goes out
/// when `loop` finds room, and beyond a bound it is lost and counted (process::LogPipe). What is
/// left at the end stays for `flush_stderr`. There is one at a time.
class UnblockedStderr {
  public:
    explicit UnblockedStderr(boost::asio::io_context& loop);
    UnblockedStderr(const UnblockedStderr&) = delete;
    UnblockedStderr& operator=(const UnblockedStderr&) = delete;
    ~UnblockedStderr();
};

/// True while much is still to be written, and its reader is at work: whoever can wait does.
bool stderr_is_congested();

/// Writes what an `UnblockedStderr` has left. Gives up a reader that takes nothing for `patience`;
/// a negative one waits for as long as there is a reader.
void flush_stderr(std::chrono::milliseconds patience) noexcept;

}  // namespace forklift::local
