#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "process/log_pipe.h"
#include "supervisor/log_format.h"

namespace forklift::supervisor {

/// The log on stderr: our own records, and the children's lines as they are. A line is never broken
/// by another one. Nobody waits for the reader of stderr: see LogPipe.
class Log {
  public:
    Log(boost::asio::any_io_executor executor, int fd, LogFormat format, LogLevel level);

    /// One record of our own; dropped when it is below the log's level.
    void record(LogLevel level, std::string_view request_id, std::string_view message);

    /// Text of a writer, who is only compared. A line may come in pieces; until it ends, what
    /// others write is held back.
    void text(const void* writer, std::string_view text);

    /// Ends the line that `writer` has left open, if it has.
    void end_line(const void* writer);

    /// Returns when everything has been written, or after `limit`.
    boost::asio::awaitable<void> flushed(std::chrono::milliseconds limit) {
        return pipe_.flushed(limit);
    }

    bool congested() const { return pipe_.congested(); }

  private:
    LogFormat format_;
    LogLevel level_;
    process::LogPipe pipe_;
    /// Who has written part of a line.
    const void* open_writer_ = nullptr;
    std::string held_back_;
};

}  // namespace forklift::supervisor
