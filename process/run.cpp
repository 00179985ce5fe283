#include "process/run.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <memory>

#include "process/exception_text.h"
#include "process/memory_file.h"
#include "process/pipe.h"
#include "process/read_available.h"
#include "process/spawn.h"
#include "process/stderr_stream.h"

namespace forklift::process {

namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// How long a pipe may stay open after everybody we know of who held it was killed.
constexpr std::chrono::milliseconds kill_grace{50};

/// One child under supervision, from its start until it and its group are gone.
class Supervision : public std::enable_shared_from_this<Supervision> {
  public:
    Supervision(asio::any_io_executor executor, Child child, UniqueFd out, UniqueFd err,
                RunLimits limits, StderrSink& errors, StopSwitch& stop_switch)
        : executor_(executor),
          child_(std::move(child)),
          out_(executor, out.release()),
          err_(executor, std::move(err), errors),
          climb_(executor, child_),
          stop_timer_(executor),
          readers_timer_(executor),
          limits_(std::move(limits)),
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
        err_.hurry();
        stop_timer_.cancel();
        climb_.cancel();
        co_await drain();
        stop_switch_.on_stop(nullptr);
        run_.group = keeps_group() ? 0 : child_.pid();
        run_.mark = child_.mark();
        run_.stderr_tail = err_.last_lines();
        run_.status = ended_ ? child_.status() : Signaled{SIGKILL};
        co_return std::move(run_);
    }

  private:
    /// What a child that was not stopped leaves in its group is wanted.
    bool keeps_group() const { return limits_.keep_background && !climb_.begun(); }

    void start_readers() {
        start_reader(read_output());
        start_reader(err_.read());
    }

    void start_reader(asio::awaitable<void> reader) {
        asio::co_spawn(executor_, std::move(reader),
                       [self = shared_from_this()](std::exception_ptr error) {
                           if (error) self->give_up_output(error);
                           self->reader_closed();
                       });
    }

    asio::awaitable<void> read_output() {
        const auto take = [this](std::string_view text) { take_output(text); };
        while (!given_up_) {
            auto [error] =
                co_await out_.async_wait(asio::posix::descriptor_base::wait_read, no_throw);
            if (error || given_up_) break;
            if (read_available(out_.native_handle(), take) == ReadState::end) break;
        }
    }

    /// Memory has run out, most likely: no answer can come of this run any more.
    void give_up_output(std::exception_ptr error) {
        run_.output = {};
        child_.signal_group(SIGKILL);
        run_.exhausted = what(error);
    }

    void reader_closed() {
        if (--open_readers_ == 0) readers_timer_.cancel();
    }

    void take_output(std::string_view text) {
        run_.output_size += text.size();
        if (run_.too_much_output) return;
        if (run_.output_size > limits_.max_output) {
            run_.too_much_output = true;
            run_.output = {};
            begin_ladder();
            return;
        }
        run_.output.append(text);
    }

    void arm_stop() {
        stop_switch_.on_stop([this] {
            run_.stopped = true;
            begin_ladder();
        });
        if (stop_switch_.thrown()) stop_switch_.stop();
        if (!climb_.begun() && limits_.stop_at != steady_clock::time_point::max()) {
            stop_timer_.expires_at(limits_.stop_at);
            // When its time comes in the turn of the loop in which the child ends, it calls all the
            // same, and the supervision may be gone by then.
            stop_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
                const auto self = weak.lock();
                if (error || !self || self->finished_) return;
                self->run_.timed_out = true;
                self->begin_ladder();
            });
        }
    }

    void begin_ladder() {
        stop_timer_.cancel();
        if (!finished_) climb_.begin(limits_.ladder);
    }

    /// Reads what is left in the pipes, for as long as somebody may rightly hold them open.
    asio::awaitable<void> drain() {
        if (!climb_.begun()) co_await readers_closed(limits_.drain_grace);
        if (open_readers_ > 0 && !keeps_group()) {
            child_.signal_group(SIGKILL);
            co_await readers_closed(kill_grace);
        }
        if (open_readers_ > 0) {
            given_up_ = true;
            out_.cancel();
            err_.give_up();
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
    StderrStream err_;
    LadderClimb climb_;
    asio::steady_timer stop_timer_;
    asio::steady_timer readers_timer_;
    RunLimits limits_;
    StopSwitch& stop_switch_;
    Run run_{};
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
