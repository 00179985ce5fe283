#include "local/log_capture.h"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

#include "local/event_loop.h"
#include "local/failure_report.h"
#include "local/standard_error.h"

namespace forklift::local {

namespace asio = boost::asio;

namespace {

/// A line longer than one log event of Lambda's can be is cut.
constexpr std::size_t max_line = 256 * 1024;

/// How often in all a pipe is followed anew when there was no memory for it.
constexpr int max_failures = 100;

/// How often a pipe is read before others have their turn: 1 MiB at 64 KiB a time.
constexpr int reads_a_turn = 16;

}  // namespace

LogCapture::LogCapture(asio::any_io_executor executor, std::shared_ptr<Journal> journal,
                       process::UniqueFd out, process::UniqueFd err)
    : journal_(std::move(journal)),
      streams_{Stream{asio::posix::stream_descriptor(executor, out.release()),
                      asio::steady_timer(executor),
                      {}},
               Stream{asio::posix::stream_descriptor(executor, err.release()),
                      asio::steady_timer(executor),
                      {}}} {}

void LogCapture::start() {
    for (Stream& stream : streams_) begin_to_follow(stream);
}

void LogCapture::begin_to_follow(Stream& stream) {
    run_by_itself(stream.pipe.get_executor(), follow(stream),
                  [self = shared_from_this(), &stream](std::exception_ptr failure) {
                      if (!failure) return;
                      report_failure("the log of a function was not followed", failure);
                      self->follow_again(stream);
                  });
}

/// A pipe that cannot be followed at all is closed: whoever writes to it is not to wait for ever.
void LogCapture::follow_again(Stream& stream) {
    try {
        if (++stream.failures < max_failures) return begin_to_follow(stream);
    } catch (...) {
        report_failure("the log of a function is not followed any further",
                       std::current_exception());
    }
    boost::system::error_code ignored;
    stream.pipe.close(ignored);
}

asio::awaitable<void> LogCapture::follow(Stream& stream) {
    while (stream.pipe.is_open()) {
        auto [error] = co_await stream.pipe.async_wait(asio::posix::descriptor_base::wait_read,
                                                       asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        take_available(stream);
        co_await let_stderr_breathe(stream);
    }
}

/// Bootstrap hears of it by its own pipe, and the function by bootstrap's.
asio::awaitable<void> LogCapture::let_stderr_breathe(Stream& stream) {
    while (stream.pipe.is_open() && stderr_is_congested()) {
        stream.congestion_timer.expires_after(std::chrono::milliseconds(2));
        co_await stream.congestion_timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void LogCapture::take_available(Stream& stream) noexcept {
    try {
        read_available(stream);
    } catch (...) {
        stream.partial.clear();
        report_failure("lines of a function's log are lost", std::current_exception());
    }
}

/// Reads what is there, within limits. The pipe is closed at its end.
void LogCapture::read_available(Stream& stream) {
    static char buffer[64 * 1024];
    for (int i = 0; i < reads_a_turn && stream.pipe.is_open(); ++i) {
        const ssize_t count = ::read(stream.pipe.native_handle(), buffer, sizeof buffer);
        if (count > 0) {
            add(stream, std::string_view(buffer, static_cast<std::size_t>(count)));
        } else if (count < 0 && errno == EAGAIN) {
            return;
        } else if (count == 0 || errno != EINTR) {
            stream.pipe.close();
            end_line(stream);
        }
    }
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
    const std::string line = std::exchange(stream.partial, {});
    journal_->line(line);
}

void LogCapture::drain() {
    for (Stream& stream : streams_) {
        if (stream.pipe.is_open()) take_available(stream);
        end_line(stream);
    }
}

void LogCapture::close() {
    boost::system::error_code ignored;
    for (Stream& stream : streams_) stream.pipe.close(ignored);
}

}  // namespace forklift::local
