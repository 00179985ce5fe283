#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/file_descriptor.h"

namespace forklift::test {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

/// A request or a response, as it stood on the wire; a chunked body is put together.
struct HttpMessage {
    std::string start_line;
    HttpFields headers;
    std::string body;

    /// The value of the first field of that name, whatever its case.
    std::optional<std::string> header(std::string_view name) const;
    /// How many fields have that name.
    int count(std::string_view name) const;
    /// The words of the start line: method, path, version, or version, status, reason.
    std::string word(int index) const;
    int status() const;
};

/// One end of a TCP connection that speaks HTTP/1.1, blocking. The reading of a head and of its
/// body are two steps, so that a server can misbehave between them.
class HttpStream {
  public:
    explicit HttpStream(FileDescriptor socket) : socket_(std::move(socket)) {}

    static HttpStream connect(std::uint16_t port);

    /// Nothing when the other end closed the connection or broke it.
    std::optional<HttpMessage> read_head();
    bool read_body(HttpMessage& message);
    std::optional<HttpMessage> read_message();

    /// False when the other end is gone.
    bool write(std::string_view bytes);

    /// Whether something is there to be read, be it the end of the connection, within `limit`.
    bool is_readable_within(std::chrono::milliseconds limit) const;
    /// Whether the other end closes the connection, or breaks it, within `limit`, without another
    /// byte before that.
    bool ends_within(std::chrono::milliseconds limit);

    /// Acknowledges what has arrived; when the stream is destroyed the connection ends with RST
    /// instead of FIN.
    void reset_at_end();
    /// The same, but what is read from now on is not acknowledged before that.
    void reset_unacknowledged_at_end();
    /// Makes whoever reads or writes here come back; the descriptor stays.
    void shut_down();

  private:
    bool fill();
    bool take_line(std::string& line);
    bool take_bytes(std::size_t count, std::string& bytes);
    bool take_chunks(std::string& bytes);

    FileDescriptor socket_;
    std::string buffer_;
    std::size_t taken_ = 0;
};

/// Does anybody listen there?
bool accepts(std::uint16_t port);

/// One request and its answer on a connection of its own. Fails the test when no answer comes.
HttpMessage exchange(std::uint16_t port, std::string_view method, std::string_view path,
                     const HttpFields& headers, std::string_view body);

}  // namespace forklift::test
