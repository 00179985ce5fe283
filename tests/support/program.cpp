#include "tests/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "tests/support/checked.h"
#include "tests/support/contains.h"
#include "tests/support/proc.h"

namespace forklift::test {

namespace {

struct Ends {
    FileDescriptor read;
    FileDescriptor write;
};

Ends make_pipe() {
    int ends[2];
    checked(::pipe2(ends, O_CLOEXEC), "pipe2");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

Ends make_sockets() {
    int ends[2];
    checked(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

Ends make_terminal() {
    FileDescriptor master(checked(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt"));
    checked(::grantpt(master.get()), "grantpt");
    checked(::unlockpt(master.get()), "unlockpt");
    FileDescriptor terminal(
        checked(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC), "open a terminal"));
    return {std::move(master), std::move(terminal)};
}

Ends make_errors(ErrorsKind kind) {
    switch (kind) {
        case ErrorsKind::socket:
            return make_sockets();
        case ErrorsKind::terminal:
            return make_terminal();
        case ErrorsKind::pipe:
            break;
    }
    return make_pipe();
}

FileDescriptor file_with(const std::string& text) {
    FileDescriptor file(checked(::memfd_create("stdin", MFD_CLOEXEC), "memfd_create"));
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        harness_failed("write to a memory file");
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (auto& string : strings) result.push_back(string.data());
    result.push_back(nullptr);
    return result;
}

int exit_of(const siginfo_t& info) {
    return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

/// Children of a program under test have process groups of their own, so they are found by descent.
void kill_with_descendants(pid_t pid) {
    ::kill(pid, SIGSTOP);
    const auto descendants = descendants_of(pid);
    ::kill(pid, SIGKILL);
    for (const auto& process : descendants) ::kill(process.pid, SIGKILL);
}

}  // namespace

Program::Program(const ProgramOptions& options) {
    const auto input = file_with(options.input);
    auto output = make_pipe();
    auto errors = make_errors(options.errors_kind);
    if (options.output_is_closed) output.read.close();
    if (options.errors_are_closed) errors.read.close();
    start(options, input.get(), output.write.get(), errors.write.get());
    output_pipe_ = std::move(output.read);
    errors_pipe_ = std::move(errors.read);
    auto stop = make_pipe();
    stop_read_ = std::move(stop.read);
    stop_write_ = std::move(stop.write);
    pidfd_ =
        FileDescriptor(checked(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)), "pidfd_open"));
    if (options.read_output && !options.output_is_closed)
        collectors_.emplace_back([this] { collect(output_pipe_.get(), output_); });
    if (options.read_errors && !options.errors_are_closed)
        collectors_.emplace_back([this] { collect(errors_pipe_.get(), errors_); });
}

Program::~Program() {
    if (!reaped_) {
        kill_with_descendants(pid_);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
    }
    stop_write_.close();
    for (auto& collector : collectors_) collector.join();
}

void Program::start(const ProgramOptions& options, int in, int out, int err) {
    auto arguments = options.argv;
    std::vector<std::string> variables;
    for (const auto& [name, value] : options.environment) variables.push_back(name + "=" + value);

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!options.directory.empty())
        posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
    // The harness ignores SIGPIPE; a program under test starts with the default, as Lambda's does.
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);

    const int error = ::posix_spawnp(&pid_, arguments.at(0).c_str(), &actions, &attributes,
                                     pointers(arguments).data(), pointers(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        errno = error;
        harness_failed("start of " + options.argv[0]);
    }
}

void Program::signal(int number) const { ::kill(pid_, number); }

Finished Program::wait(std::chrono::milliseconds limit) {
    if (!reaped_) {
        pollfd ended{pidfd_.get(), POLLIN, 0};
        if (::poll(&ended, 1, static_cast<int>(limit.count())) != 1)
            throw std::runtime_error("a program did not end in time; it said: " + errors());
        siginfo_t info{};
        checked(::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED), "waitid");
        reaped_ = true;
        exit_ = exit_of(info);
    }
    std::unique_lock lock(mutex_);
    const auto all_ended = [this] { return ends_ == static_cast<int>(collectors_.size()); };
    if (!changed_.wait_for(lock, patience, all_ended))
        throw std::runtime_error("somebody holds the output of a program that has ended");
    return {exit_, output_, errors_};
}

std::string Program::output() const {
    const std::lock_guard lock(mutex_);
    return output_;
}

std::string Program::errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
}

std::size_t Program::errors_size() const {
    const std::lock_guard lock(mutex_);
    return errors_.size();
}

std::string Program::wait_for_output(const std::string& text) {
    return wait_for_text(output_, text);
}

std::string Program::wait_for_errors(const std::string& text) {
    return wait_for_text(errors_, text);
}

void Program::collect(int fd, std::string& text) {
    char bytes[64 * 1024];
    for (;;) {
        pollfd events[] = {{fd, POLLIN, 0}, {stop_read_.get(), POLLIN, 0}};
        ::poll(events, 2, -1);
        const bool stopped = events[1].revents != 0;
        const auto count = stopped ? 0 : ::read(fd, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR) continue;
        const std::lock_guard lock(mutex_);
        if (count > 0) text.append(bytes, static_cast<std::size_t>(count));
        if (count <= 0) ++ends_;
        changed_.notify_all();
        if (count <= 0) return;
    }
}

std::string Program::wait_for_text(const std::string& stream, const std::string& text) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return contains(stream, text); }))
        throw std::runtime_error("a program never said \"" + text + "\" but: " + stream);
    return stream;
}

Finished run_program(const ProgramOptions& options, std::chrono::milliseconds limit) {
    Program program(options);
    return program.wait(limit);
}

}  // namespace forklift::test
