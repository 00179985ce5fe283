#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "process/stderr_sink.h"
#include "process/tail.h"
#include "process/unique_fd.h"

namespace forklift::process {

/// A child's stderr: handed on as it comes, its last lines kept.
class StderrStream {
  public:
    /// `sink` must outlive the stream.
    StderrStream(boost::asio::any_io_executor executor, UniqueFd read_end, StderrSink& sink);

    /// Reads to the end of file, or until `give_up`. One caller. A sink that is congested slows the
    /// child down, until `hurry`.
    boost::asio::awaitable<void> read();

    /// The child has ended: what is left is read whatever the sink says.
    void hurry() { hurried_ = true; }
    void give_up();

    /// Reads what is there already.
    void read_what_is_there();

    /// The last lines since the start or `forget_lines`, oldest first.
    std::vector<std::string> last_lines() const { return tail_.lines(); }
    void forget_lines() { tail_ = Tail(); }

  private:
    void take(std::string_view text);
    boost::asio::awaitable<void> let_sink_breathe();

    boost::asio::posix::stream_descriptor pipe_;
    boost::asio::steady_timer congestion_timer_;
    StderrSink& sink_;
    Tail tail_;
    bool hurried_ = false;
    bool given_up_ = false;
};

}  // namespace forklift::process
