#include "process/log_pipe.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <new>
#include <utility>

namespace forklift::process {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t max_queue = 8 * 1024 * 1024;
constexpr std::size_t long_queue = 1024 * 1024;

}  // namespace

LogPipe::LogPipe(asio::any_io_executor executor, int fd, std::chrono::milliseconds patience)
    : output_(executor, fd), patience_(patience), empty_(executor) {}

void LogPipe::write(std::string_view text) {
    try {
        enqueue(text);
    } catch (const std::bad_alloc&) {
        lost_ += text.size();
    }
    if (!waiting_) send();
}

void LogPipe::enqueue(std::string_view text) {
    if (queue_.size() - sent_ + text.size() > max_queue) {
        lost_ += text.size();
        return;
    }
    report_loss();
    queue_ += text;
}

void LogPipe::report_loss() {
    if (lost_ == 0 || queue_.size() - sent_ > max_queue / 2) return;
    queue_ += "[" + std::to_string(lost_) +
              " bytes of log were lost here: stderr was not read fast enough]\n";
    lost_ = 0;
}

void LogPipe::send() {
    waiting_ = false;
    while (sent_ < queue_.size()) {
        if (send_some()) continue;
        waiting_ = true;
        output_.wait([this] { send(); });
        return;
    }
    queue_.clear();
    sent_ = 0;
    if (lost_ > 0) {
        report_loss();
        send();
        return;
    }
    empty_.cancel();
}

/// False when the descriptor takes nothing now.
bool LogPipe::send_some() {
    const std::string_view rest = std::string_view(queue_).substr(sent_);
    const auto count = output_.write_some(rest);
    if (count == std::size_t{0}) return false;
    // One that takes nothing ever again loses the whole queue, for good.
    sent_ += count.value_or(rest.size());
    if (count) last_progress_ = steady_clock::now();
    if (sent_ > long_queue && sent_ > queue_.size() / 2) {
        queue_.erase(0, std::exchange(sent_, 0));
    }
    return true;
}

asio::awaitable<void> LogPipe::flushed(std::chrono::milliseconds limit) {
    if (sent_ == queue_.size()) co_return;
    empty_.expires_after(limit);
    co_await empty_.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::string LogPipe::take_rest() {
    queue_.erase(0, std::exchange(sent_, 0));
    report_loss();
    return std::exchange(queue_, {});
}

bool LogPipe::congested() const {
    return queue_.size() - sent_ > long_queue && steady_clock::now() - last_progress_ < patience_;
}

}  // namespace forklift::process
