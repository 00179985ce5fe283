#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "process/unique_fd.h"

namespace forklift::process {

/// Writes to a descriptor that somebody else has given us, and never blocks, whatever it is: pipe,
/// terminal, socket or file. Its flags stay as they are, because they are shared with whoever else
/// writes there.
class UnblockedOutput {
  public:
    /// `fd` stays open, and is the caller's.
    UnblockedOutput(boost::asio::any_io_executor executor, int fd);
    /// Where there is no loop to `wait` in.
    explicit UnblockedOutput(int fd);

    /// How much of `text` was taken: 0 when nothing is now. Nothing for a descriptor that takes
    /// nothing any more (EPIPE and the like); errno tells why.
    std::optional<std::size_t> write_some(std::string_view text);

    /// Blocks until the descriptor takes something again, and then returns true; false after
    /// `limit`, of which a negative one is none.
    bool wait_for_room(std::chrono::milliseconds limit) const;

    /// Calls `ready` from the loop when the descriptor takes something again. One at a time; it is
    /// not called when this has gone before.
    void wait(std::function<void()> ready);

  private:
    enum class Kind {
        /// It is a file, or something that nobody can wait for (/dev/null): write(2) is enough.
        file,
        /// Ours alone, and does not block.
        unblocked,
        socket,
        /// Everybody's, and would block when they are full: see `write_some`.
        shared_pipe,
        shared_terminal
    };

    Kind kind_ = Kind::file;
    UniqueFd file_;
    /// An epoll descriptor of our own that `file_` is in: Asio makes what it waits for
    /// non-blocking, and the flag would be everybody's.
    std::optional<boost::asio::posix::stream_descriptor> epoll_;
    /// Whom to call. A wait that is over by the time this goes finds nobody.
    std::shared_ptr<std::function<void()>> ready_;
};

}  // namespace forklift::process
