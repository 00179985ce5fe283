#include "local/conformance/worker_under_test.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include "process/pipe.h"
#include "process/spawn.h"
#include "protocol/limits.h"

namespace forklift::local {

using namespace std::chrono_literals;

namespace {

/// An echo can be longer than the event: a worker may escape what was not escaped.
constexpr std::size_t max_reply = 8 * protocol::max_request_bytes;
constexpr std::size_t max_came = 1024;
constexpr auto nap = 2ms;
/// How long SIGKILL may take to work.
constexpr auto kill_limit = 5s;

/// A pipe whose write end does not block.
process::Pipe make_input_pipe(std::error_code& error) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        error.assign(errno, std::system_category());
        return {};
    }
    process::Pipe pipe{process::UniqueFd(ends[0]), process::UniqueFd(ends[1])};
    if (::fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) error.assign(errno, std::system_category());
    return pipe;
}

/// poll(2) until `time`, or for a minute.
void wait_for(std::array<pollfd, 3>& waits, WorkerUnderTest::Clock::time_point time) {
    const auto rest = std::clamp<std::chrono::nanoseconds>(time - WorkerUnderTest::Clock::now(),
                                                           std::chrono::nanoseconds(0), 60s);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rest);
    const timespec limit{seconds.count(), (rest - seconds).count()};
    ::ppoll(waits.data(), waits.size(), &limit, nullptr);
}

}  // namespace

WorkerUnderTest::WorkerUnderTest(WorkerSurroundings& surroundings, const process::Command& command,
                                 protocol::Framing framing)
    : surroundings_(surroundings), reader_(framing, max_reply) {
    std::error_code error;
    process::Pipe input = make_input_pipe(error);
    process::Pipe output;
    if (!error) output = process::make_output_pipe(error);
    if (error) throw CannotStart{"cannot make a pipe: " + error.message()};
    auto spawned = process::spawn(surroundings.io.get_executor(), surroundings.reaper, command,
                                  {input.read_end.get(), output.write_end.get(), STDERR_FILENO});
    if (const auto* failed = std::get_if<process::SpawnError>(&spawned))
        throw CannotStart{process::describe(*failed, command)};
    child_.emplace(std::get<process::Child>(std::move(spawned)));
    group_ = child_->pid();
    in_ = std::move(input.write_end);
    out_ = std::move(output.read_end);
}

WorkerUnderTest::~WorkerUnderTest() {
    if (child_)
        child_->signal_group(SIGKILL);
    else if (!group_is_empty(Clock::now()))
        ::kill(-group_, SIGKILL);
    const auto limit = Clock::now() + kill_limit;
    while (child_ && !child_->has_ended() && Clock::now() < limit) std::this_thread::sleep_for(nap);
    if (child_ && child_->has_ended()) child_->reap();
    child_.reset();
    while (!group_is_empty(Clock::now()) && Clock::now() < limit) std::this_thread::sleep_for(nap);
}

void WorkerUnderTest::set_pace(Pace writing, Pace reading) {
    writing_ = writing;
    reading_ = reading;
}

void WorkerUnderTest::send(std::string bytes) {
    outgoing_ = std::move(bytes);
    written_ = 0;
    came_.clear();
}

Received WorkerUnderTest::receive(Clock::time_point limit) {
    while (true) {
        if (auto message = reader_.take()) return std::move(*message);
        if (reader_.mistake()) return Broken{*reader_.mistake()};
        if (!out_) return Closed();
        // Once more after the limit: what is there counts, however long the machine took.
        const bool late = Clock::now() >= limit;
        turn(limit);
        if (!late) continue;
        if (auto message = reader_.take()) return std::move(*message);
        return Nothing();
    }
}

std::size_t WorkerUnderTest::unread() const {
    if (!in_) return 0;
    int in_pipe = 0;
    ::ioctl(in_.get(), FIONREAD, &in_pipe);
    return outgoing_.size() - written_ + static_cast<std::size_t>(in_pipe);
}

void WorkerUnderTest::close_stdin() { in_.reset(); }

void WorkerUnderTest::signal(int number) {
    if (child_) child_->signal_group(number);
}

std::optional<process::ExitStatus> WorkerUnderTest::wait_for_end(Clock::time_point limit) {
    while (!status_) {
        if (child_->has_ended()) {
            status_ = child_->reap();
            child_.reset();
            read_some();
        } else if (Clock::now() >= limit) {
            return std::nullopt;
        } else {
            turn(std::min(limit, Clock::now() + nap));
        }
    }
    return status_;
}

bool WorkerUnderTest::group_is_empty(Clock::time_point limit) {
    while (true) {
        surroundings_.reaper.reap_orphans();
        if (::kill(-group_, 0) != 0 && errno == ESRCH) return true;
        if (Clock::now() >= limit) return false;
        std::this_thread::sleep_for(nap);
    }
}

void WorkerUnderTest::turn(Clock::time_point limit) {
    const auto now = Clock::now();
    const bool write_now = has_to_write() && now >= write_at_;
    const bool read_now = out_ && now >= read_at_;
    if (has_to_write() && !write_now) limit = std::min(limit, write_at_);
    if (out_ && !read_now) limit = std::min(limit, read_at_);
    std::array<pollfd, 3> waits = {{{write_now ? in_.get() : -1, POLLOUT, 0},
                                    {read_now ? out_.get() : -1, POLLIN, 0},
                                    {surroundings_.stop_signals.fd(), POLLIN, 0}}};
    wait_for(waits, limit);
    if (const auto number = surroundings_.stop_signals.take()) throw Interrupted{*number};
    if (waits[0].revents) write_some();
    if (waits[1].revents) read_some();
}

void WorkerUnderTest::write_some() {
    const std::string_view rest = std::string_view(outgoing_).substr(written_);
    const ssize_t count = ::write(in_.get(), rest.data(), std::min(rest.size(), writing_.piece));
    if (count >= 0) {
        written_ += static_cast<std::size_t>(count);
        write_at_ = Clock::now() + writing_.pause;
    } else if (errno != EAGAIN && errno != EINTR) {
        in_.reset();
    }
}

void WorkerUnderTest::read_some() {
    if (!out_) return;
    std::array<char, 65536> buffer;
    const ssize_t count =
        ::read(out_.get(), buffer.data(), std::min(buffer.size(), reading_.piece));
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return out_.reset();
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    reader_.feed(bytes);
    came_ += bytes.substr(0, max_came - came_.size());
    read_at_ = Clock::now() + reading_.pause;
}

}  // namespace forklift::local
