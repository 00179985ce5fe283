#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "local/journal.h"
#include "process/unique_fd.h"

namespace forklift::local {

/// Copies what a process writes to stdout and stderr into a journal, whole lines at a time. Lines
/// for which there is no memory are lost, with a word about it.
class LogCapture : public std::enable_shared_from_this<LogCapture> {
  public:
    /// Takes over the read ends of both pipes, which must not block.
    LogCapture(boost::asio::any_io_executor executor, std::shared_ptr<Journal> journal,
               process::UniqueFd out, process::UniqueFd err);

    /// Begins to read. Goes on, and keeps itself alive, until both pipes end or `close`.
    void start();

    /// Reads what has been written so far, and counts a line without an end as one: what a process
    /// wrote before it answered is in the journal afterwards.
    void drain();

    void close();

  private:
    struct Stream {
        boost::asio::posix::stream_descriptor pipe;
        boost::asio::steady_timer congestion_timer;
        /// The beginning of a line whose end is still to come.
        std::string partial;
        /// How often it could not be followed.
        int failures = 0;
    };

    void begin_to_follow(Stream& stream);
    boost::asio::awaitable<void> follow(Stream& stream);
    static boost::asio::awaitable<void> let_stderr_breathe(Stream& stream);
    void follow_again(Stream& stream);
    void take_available(Stream& stream) noexcept;
    void read_available(Stream& stream);
    void add(Stream& stream, std::string_view text);
    void end_line(Stream& stream);

    std::shared_ptr<Journal> journal_;
    std::array<Stream, 2> streams_;
};

}  // namespace forklift::local
