#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bench/wait.h"
#include "process/unique_fd.h"

namespace forklift::bench {

/// One HTTP/1.1 message, a request or an answer, as far as a benchmark reads it.
struct HttpMessage {
    /// The first line and the header fields, each with its line end.
    std::string head;
    std::string body;

    /// True when the first line begins with `text`, e.g. "GET /2018-06-01/".
    bool begins_with(std::string_view text) const { return head.starts_with(text); }
    /// The value of the first field of that name, or nothing.
    std::optional<std::string_view> field(std::string_view name) const;
};

/// A TCP connection that whole messages are read from. Bodies come by Content-Length or in chunks.
class HttpConnection {
  public:
    /// Takes over a connected socket that does not block.
    explicit HttpConnection(process::UniqueFd socket);

    int fd() const { return socket_.get(); }

    /// Sends all of `bytes`; throws when the other side is gone or does not read until `give_up`.
    void send(std::string_view bytes, Clock::time_point give_up);

    /// Reads what has arrived. False when the other side has closed the connection.
    bool fill();

    /// Takes the next message, when all of it has arrived.
    std::optional<HttpMessage> take();

    /// Waits for the next message and takes it.
    HttpMessage receive(Clock::time_point give_up);

  private:
    process::UniqueFd socket_;
    std::string arrived_;
    /// 100 (Continue) has been sent for the message that is arriving.
    bool continued_ = false;
};

}  // namespace forklift::bench
