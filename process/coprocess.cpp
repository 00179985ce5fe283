#include "process/coprocess.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>

#include "process/exception_text.h"
#include "process/pipe.h"
#include "process/read_available.h"
#include "process/spawn.h"

namespace forklift::process {

namespace {

namespace asio = boost::asio;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// Bytes that stand in a pipe, seen from either end.
std::size_t bytes_in(int pipe) {
    int count = 0;
    return ::ioctl(pipe, FIONREAD, &count) == 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace

std::variant<std::shared_ptr<Coprocess>, SpawnError> Coprocess::start(
    asio::any_io_executor executor, Reaper& reaper, const Command& command, StderrSink& errors,
    Events events) {
    std::error_code error;
    Pipe in = make_input_pipe(error);
    Pipe out = error ? Pipe{} : make_output_pipe(error);
    Pipe err = error ? Pipe{} : make_output_pipe(error);
    if (error) return SpawnError{SpawnStage::streams, error.value()};
    widen(in.write_end);
    widen(out.read_end);

    auto started = spawn(executor, reaper, command,
                         {in.read_end.get(), out.write_end.get(), err.write_end.get()});
    if (auto* failed = std::get_if<SpawnError>(&started)) return *failed;
    auto made = std::make_shared<Coprocess>(executor, reaper, std::move(std::get<Child>(started)),
                                            std::move(in.write_end), std::move(out.read_end),
                                            std::move(err.read_end), errors, std::move(events));
    made->read_output();
    asio::co_spawn(executor, made->errors_.read(), [self = made](std::exception_ptr wrong) {
        if (wrong) self->give_up(wrong);
    });
    asio::co_spawn(executor, made->watch(), [self = made](std::exception_ptr wrong) {
        if (wrong) self->give_up(wrong);
        self->given_up_ = !self->ended_;
        self->over_.cancel();
        self->note_change();
    });
    return made;
}

Coprocess::Coprocess(asio::any_io_executor executor, Reaper& reaper, Child child, UniqueFd in,
                     UniqueFd out, UniqueFd err, StderrSink& errors, Events events)
    : reaper_(reaper),
      child_(std::move(child)),
      in_(executor, in.release()),
      out_(executor, out.release()),
      errors_(executor, std::move(err), errors),
      climb_(executor, *child_),
      over_(executor, asio::steady_timer::time_point::max()),
      events_(std::move(events)) {}

void Coprocess::send(std::string bytes) {
    outgoing_ = std::move(bytes);
    sent_ = 0;
    if (!input_broken_) write_some();
}

void Coprocess::write_some() {
    while (unsent() > 0) {
        const ssize_t count = ::write(in_.native_handle(), outgoing_.data() + sent_, unsent());
        if (count >= 0) {
            sent_ += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            in_.async_wait(asio::posix::descriptor_base::wait_write,
                           [self = shared_from_this()](boost::system::error_code error) {
                               if (error) return;
                               self->write_some();
                               self->note_change();
                           });
            return;
        } else if (errno != EINTR) {
            input_broken_ = true;
            return;
        }
    }
    if (close_when_sent_) close_input();
}

std::size_t Coprocess::unread() const {
    if (!in_.is_open()) return unsent();
    return unsent() + bytes_in(const_cast<Coprocess*>(this)->in_.native_handle());
}

void Coprocess::close_input() {
    close_when_sent_ = true;
    if (unsent() > 0 && !input_broken_) return;
    boost::system::error_code ignored;
    in_.close(ignored);
    input_broken_ = true;
}

bool Coprocess::has_output() const {
    return !output_closed_ && bytes_in(const_cast<Coprocess*>(this)->out_.native_handle()) > 0;
}

void Coprocess::read_output() {
    // The loop waits and we read. A read that it has done is told of a turn later, when `watch` may
    // have read on behind it, and `has_output` cannot see its bytes.
    out_.async_wait(asio::posix::descriptor_base::wait_read,
                    [self = shared_from_this()](boost::system::error_code error) {
                        if (self->output_closed_) return;
                        try {
                            if (!error && self->read_some()) return self->read_output();
                        } catch (const std::exception&) {
                            self->give_up(std::current_exception());
                        }
                        self->output_closed_ = true;
                        self->note_change();
                    });
}

bool Coprocess::read_some() {
    const ssize_t count = ::read(out_.native_handle(), buffer_.data(), buffer_.size());
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count > 0) take_output(std::string_view(buffer_.data(), static_cast<std::size_t>(count)));
    return count > 0;
}

void Coprocess::take_output(std::string_view bytes) {
    if (events_.output) events_.output(bytes);
}

asio::awaitable<void> Coprocess::watch() {
    // A child that has ended already is not spoken of before `start` has returned.
    co_await asio::post(in_.get_executor(), asio::use_awaitable);
    const bool ended = co_await child_->ended();
    climb_.cancel();
    errors_.hurry();
    if (ended) {
        status_ = child_->status();
        read_what_is_left();
    }
    ended_ = ended;
}

void Coprocess::read_what_is_left() {
    try {
        // Whoever else holds the pipe may do so for ever; what the child wrote is in it by now, and
        // no more than one call reads.
        if (!output_closed_) {
            const auto take = [this](std::string_view bytes) { take_output(bytes); };
            read_available(out_.native_handle(), take);
        }
        errors_.read_what_is_there();
    } catch (const std::exception&) {
        give_up(std::current_exception());
    }
    output_closed_ = true;
}

/// Memory has run out, most likely: nothing that the child says can be relied on any more.
void Coprocess::give_up(std::exception_ptr error) {
    if (child_) child_->signal_group(SIGKILL);
    exhausted_ = what(error);
}

void Coprocess::note_change() {
    if (events_.changed) events_.changed();
}

asio::awaitable<bool> Coprocess::stop(StopLadder ladder) {
    const auto self = shared_from_this();
    if (!ended_ && !given_up_) {
        climb_.begin(std::move(ladder));
        co_await over_.async_wait(no_throw);
    }
    co_return ended_;
}

asio::awaitable<bool> Coprocess::clear(Escaped escaped, std::chrono::milliseconds limit) {
    const auto self = shared_from_this();
    events_ = {};
    boost::system::error_code ignored;
    in_.close(ignored);
    out_.close(ignored);
    errors_.give_up();
    const pid_t group = child_->pid();
    const Mark mark = child_->mark();
    child_->signal_group(SIGKILL);
    if (ended_) child_->reap();
    child_.reset();
    bool is_clear = co_await reaper_.empty_group(group, limit);
    if (escaped == Escaped::ended) {
        const bool has_ended = co_await reaper_.end_orphans_of(mark, limit);
        is_clear = is_clear && has_ended;
    }
    co_return is_clear;
}

}  // namespace forklift::process
