#include "local/log_capture.h"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace forklift::local {

namespace asio = boost::asio;

namespace {

/// A line longer than one log event of Lambda's can be is cut.
constexpr std::size_t max_line = 256 * 1024;

/// How often a pipe is read before others have their turn: 1 MiB at 64 KiB a time.
constexpr int reads_a_turn = 16;

}  // namespace

LogCapture::LogCapture(asio::any_io_executor executor, std::shared_ptr<Journal> journal,
                       process::UniqueFd out, process::UniqueFd err)
    : journal_(std::move(journal)),
      streams_{Stream{asio::posix::stream_descriptor(executor, out.release()), {}},
               Stream{asio::posix::stream_descriptor(executor, err.release()), {}}} {}

void LogCapture::start() {
    for (Stream& stream : streams_) {
        asio::co_spawn(stream.pipe.get_executor(), follow(shared_from_this(), stream),
                       asio::detached);
    }
}

asio::awaitable<void> LogCapture::follow(std::shared_ptr<LogCapture> self, Stream& stream) {
    while (stream.pipe.is_open()) {
        auto [error] = co_await stream.pipe.async_wait(asio::posix::descriptor_base::wait_read,
                                                       asio::as_tuple(asio::use_awaitable));
        if (error || !self->read_available(stream)) co_return;
    }
}

/// Returns false when the pipe has ended, and is closed.
bool LogCapture::read_available(Stream& stream) {
    static char buffer[64 * 1024];
    for (int i = 0; i < reads_a_turn && stream.pipe.is_open(); ++i) {
        const ssize_t count = ::read(stream.pipe.native_handle(), buffer, sizeof buffer);
        if (count > 0) {
            add(stream, std::string_view(buffer, static_cast<std::size_t>(count)));
        } else if (count < 0 && errno == EAGAIN) {
            return true;
        } else if (count == 0 || errno != EINTR) {
            end_line(stream);
            stream.pipe.close();
        }
    }
    return stream.pipe.is_open();
}

void LogCapture::add(Stream& stream, std::string_view text) {
    const auto last_end = text.rfind('\n');
    if (last_end == text.npos) {
        stream.partial.append(text);
        if (stream.partial.size() > max_line) end_line(stream);
        return;
    }
    const std::string_view whole = text.substr(0, last_end + 1);
    if (stream.partial.empty()) {
        journal_->lines(whole);
    } else {
        journal_->lines(stream.partial.append(whole));
        stream.partial.clear();
    }
    stream.partial.append(text.substr(last_end + 1));
}

void LogCapture::end_line(Stream& stream) {
    if (stream.partial.empty()) return;
    journal_->line(stream.partial);
    stream.partial.clear();
}

void LogCapture::drain() {
    for (Stream& stream : streams_) {
        if (stream.pipe.is_open()) read_available(stream);
        end_line(stream);
    }
}

void LogCapture::close() {
    boost::system::error_code ignored;
    for (Stream& stream : streams_) stream.pipe.close(ignored);
}

}  // namespace forklift::local
