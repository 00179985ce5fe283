#include "process/stderr_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "process/read_available.h"

namespace forklift::process {

namespace asio = boost::asio;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

StderrStream::StderrStream(asio::any_io_executor executor, UniqueFd read_end, StderrSink& sink)
    : pipe_(executor, read_end.release()), congestion_timer_(executor), sink_(sink) {}

asio::awaitable<void> StderrStream::read() {
    const auto take_text = [this](std::string_view text) { take(text); };
    while (!given_up_) {
        auto [error] = co_await pipe_.async_wait(asio::posix::descriptor_base::wait_read, no_throw);
        if (error || given_up_) co_return;
        if (read_available(pipe_.native_handle(), take_text) == ReadState::end) co_return;
        co_await let_sink_breathe();
    }
}

asio::awaitable<void> StderrStream::let_sink_breathe() {
    while (!hurried_ && sink_.congested()) {
        congestion_timer_.expires_after(std::chrono::milliseconds(2));
        co_await congestion_timer_.async_wait(no_throw);
    }
}

void StderrStream::give_up() {
    given_up_ = true;
    pipe_.cancel();
}

void StderrStream::read_what_is_there() {
    read_available(pipe_.native_handle(), [this](std::string_view text) { take(text); });
}

void StderrStream::take(std::string_view text) {
    tail_.add(text);
    sink_.write(text);
}

}  // namespace forklift::process
