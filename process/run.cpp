#include "process/run.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>

#include "process/memory_file.h"
#include "process/pipe.h"
#include "process/spawn.h"
#include "process/tail.h"

namespace forklift::process {

namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// How long a pipe may stay open after everybody we know of who held it was killed.
constexpr std::chrono::milliseconds kill_grace{50};

enum class ReadState { more, waiting, end };

/// Hands what a pipe holds to `take`. At most a megabyte at a time, so that one child's flood
/// leaves the loop time for timers and for other children.
template <typename Take>
ReadState read_available(int fd, Take take) {
    static thread_local std::array<char, 65536> buffer;
    for (int turn = 0; turn < 16; ++turn) {
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count > 0) {
            take(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
        } else if (count == 0) {
            return ReadState::end;
        } else if (errno != EINTR) {
            return errno == EAGAIN ? ReadState::waiting : ReadState::end;
        }
    }
    return ReadState::more;
}

/// One child under supervision, from its start until it and its group are gone.
class Supervision {
  public:
    Supervision(asio::any_io_executor executor, Child child, UniqueFd out, UniqueFd err,
                RunLimits limits, StderrSink& errors, StopSwitch& stop_switch)
        : executor_(executor),
          child_(std::move(child)),
          out_(executor, out.release()),
          err_(executor, err.release()),
          ladder_timer_(executor),
          readers_timer_(executor),
          congestion_timer_(executor),
          limits_(std::move(limits)),
          errors_(errors),
          stop_switch_(stop_switch) {}
    Supervision(const Supervision&) = delete;
    Supervision& operator=(const Supervision&) = delete;
    /// The child is still a zombie, so the group's number is still ours to signal. One that would
    /// not end is given up by its own destructor, which kills the group as well.
    ~Supervision() {
        if (!ended_) return;
        if (!keeps_group()) child_.signal_group(SIGKILL);
        child_.reap();
    }

    asio::awaitable<Run> to_the_end() {
        start_readers();
        arm_stop();
        ended_ = co_await child_.ended();
        finished_ = true;
        ladder_timer_.cancel();
        co_await drain();
        stop_switch_.on_stop(nullptr);
        run_.group = keeps_group() ? 0 : child_.pid();
        run_.stderr_tail = tail_.lines();
        run_.status = ended_ ? child_.status() : Signaled{SIGKILL};
        co_return std::move(run_);
    }

  private:
    /// What a child that was not stopped leaves in its group is wanted.
    bool keeps_group() const { return limits_.keep_background && step_ == 0; }

    void start_readers() {
        asio::co_spawn(executor_, read_output(), asio::detached);
        asio::co_spawn(executor_, read_errors(), asio::detached);
    }

    asio::awaitable<void> read_output() {
        const auto take = [this](std::string_view text) { take_output(text); };
        while (co_await readable(out_)) {
            if (read_available(out_.native_handle(), take) == ReadState::end) break;
        }
        reader_closed();
    }

    asio::awaitable<void> read_errors() {
        const auto take = [this](std::string_view text) { take_error(text); };
        while (co_await readable(err_)) {
            if (read_available(err_.native_handle(), take) == ReadState::end) break;
            co_await let_errors_out();
        }
        reader_closed();
    }

    asio::awaitable<bool> readable(asio::posix::stream_descriptor& pipe) {
        if (given_up_) co_return false;
        auto [error] = co_await pipe.async_wait(asio::posix::descriptor_base::wait_read, no_throw);
        co_return !error && !given_up_;
    }

    asio::awaitable<void> let_errors_out() {
        while (!finished_ && errors_.congested()) {
            congestion_timer_.expires_after(std::chrono::milliseconds(2));
            co_await congestion_timer_.async_wait(no_throw);
        }
    }

    void reader_closed() {
        if (--open_readers_ == 0) readers_timer_.cancel();
    }

    void take_output(std::string_view text) {
        if (run_.too_much_output) return;
        if (text.size() > limits_.max_output - run_.output.size()) {
            run_.too_much_output = true;
            run_.output = {};
            begin_ladder();
            return;
        }
        run_.output.append(text);
    }

    void take_error(std::string_view text) {
        tail_.add(text);
        errors_.write(text);
    }

    void arm_stop() {
        stop_switch_.on_stop([this] {
            run_.stopped = true;
            begin_ladder();
        });
        if (stop_switch_.thrown()) stop_switch_.stop();
        if (step_ == 0 && limits_.stop_at != steady_clock::time_point::max()) {
            ladder_timer_.expires_at(limits_.stop_at);
            ladder_timer_.async_wait([this](boost::system::error_code error) {
                if (error) return;
                run_.timed_out = true;
                begin_ladder();
            });
        }
    }

    void begin_ladder() {
        if (step_ == 0 && !finished_) climb();
    }

    /// Takes the next step of the ladder; after the last one the child is waited for no longer.
    void climb() {
        if (step_ == limits_.ladder.size()) {
            child_.stop_waiting();
            return;
        }
        const StopStep step = limits_.ladder[step_++];
        child_.signal_group(step.signal);
        ladder_timer_.expires_after(step.grace);
        ladder_timer_.async_wait([this](boost::system::error_code error) {
            if (!error) climb();
        });
    }

    /// Reads what is left in the pipes, for as long as somebody may rightly hold them open.
    asio::awaitable<void> drain() {
        if (step_ == 0) co_await readers_closed(limits_.drain_grace);
        if (open_readers_ > 0 && !keeps_group()) {
            child_.signal_group(SIGKILL);
            co_await readers_closed(kill_grace);
        }
        if (open_readers_ > 0) {
            given_up_ = true;
            out_.cancel();
            err_.cancel();
            co_await readers_closed(std::chrono::hours(1));
        }
    }

    asio::awaitable<void> readers_closed(steady_clock::duration limit) {
        if (open_readers_ == 0) co_return;
        readers_timer_.expires_after(limit);
        co_await readers_timer_.async_wait(no_throw);
    }

    asio::any_io_executor executor_;
    Child child_;
    asio::posix::stream_descriptor out_;
    asio::posix::stream_descriptor err_;
    asio::steady_timer ladder_timer_;
    asio::steady_timer readers_timer_;
    asio::steady_timer congestion_timer_;
    RunLimits limits_;
    StderrSink& errors_;
    StopSwitch& stop_switch_;
    Tail tail_;
    Run run_{};
    std::size_t step_ = 0;
    int open_readers_ = 2;
    bool finished_ = false;
    bool ended_ = false;
    bool given_up_ = false;
};

}  // namespace

asio::awaitable<std::variant<Run, SpawnError>> run(Reaper& reaper, const Command& command,
                                                   std::string_view input, RunLimits limits,
                                                   StderrSink& errors, StopSwitch& stop_switch) {
    auto executor = co_await asio::this_coro::executor;
    std::error_code error;
    UniqueFd in = make_memory_file(input, error);
    Pipe out = error ? Pipe{} : make_output_pipe(error);
    Pipe err = error ? Pipe{} : make_output_pipe(error);
    if (error) co_return SpawnError{SpawnStage::streams, error.value()};

    auto started =
        spawn(executor, reaper, command, {in.get(), out.write_end.get(), err.write_end.get()});
    if (auto* failed = std::get_if<SpawnError>(&started)) co_return *failed;
    in.reset();
    out.write_end.reset();
    err.write_end.reset();

    auto supervision = std::make_shared<Supervision>(
        executor, std::move(std::get<Child>(started)), std::move(out.read_end),
        std::move(err.read_end), std::move(limits), errors, stop_switch);
    Run result = co_await supervision->to_the_end();
    if (result.group != 0) reaper.hold(result.group, std::move(supervision));
    co_return result;
}

}  // namespace forklift::process
