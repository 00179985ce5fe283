#include "process/limited_spawn.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace forklift::process {

namespace {

/// Blocks every signal of this thread for as long as it lives: no handler of ours may run in a
/// child that borrows our memory.
class BlockedSignals {
  public:
    BlockedSignals() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

/// All that the child needs, made before there is a child, and what it leaves when it fails.
struct ChildPlan {
    const Command& command;
    ChildStreams streams;
    char* const* argv;
    char* const* environment;
    std::vector<std::pair<int, rlimit>> limits;
    volatile SpawnStage stage = SpawnStage::streams;
    volatile int error = 0;
};

void default_every_signal() {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    // The two of them that cannot be set are at their default always.
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &action, nullptr);
}

bool set_streams(const ChildStreams& streams) {
    const std::array<int, 3> sources = {streams.in, streams.out, streams.err};
    for (int target = 0; target < 3; ++target) {
        if (::dup2(sources[static_cast<std::size_t>(target)], target) < 0) return false;
    }
    // Ours close on exec by themselves; this is for what we inherited. A kernel without
    // close_range(2) leaves it to a loop.
    if (::syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
        for (int fd = 3; fd < 4096; ++fd) ::close(fd);
    }
    return true;
}

bool set_limits(const ChildPlan& plan) {
    for (const auto& [resource, limit] : plan.limits) {
        if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return false;
    }
    return true;
}

/// The child's part: system calls alone, nothing that allocates or locks. Does not return.
[[noreturn]] void become_the_program(ChildPlan& plan) {
    const auto fail = [&plan] {
        plan.error = errno;
        ::_exit(127);
    };
    ::setpgid(0, 0);
    default_every_signal();
    if (!set_streams(plan.streams)) fail();
    plan.stage = SpawnStage::directory;
    const std::string& directory = plan.command.directory;
    if (!directory.empty() && ::chdir(directory.c_str()) != 0) fail();
    plan.stage = SpawnStage::limits;
    if (!set_limits(plan)) fail();
    plan.stage = SpawnStage::execute;
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(plan.command.program.c_str(), plan.argv, plan.environment);
    fail();
    ::_exit(127);
}

}  // namespace

std::variant<pid_t, SpawnError> spawn_with_limits(const Command& command, ChildStreams streams,
                                                  const std::vector<const char*>& argv,
                                                  const std::vector<const char*>& environment) {
    ChildPlan plan{command, streams, const_cast<char* const*>(argv.data()),
                   const_cast<char* const*>(environment.data()), to_rlimits(command.limits)};
    const BlockedSignals blocked;
    const pid_t pid = ::vfork();
    if (pid == 0) become_the_program(plan);
    if (pid < 0) return SpawnError{SpawnStage::fork, errno};
    if (plan.error == 0) return pid;
    // It never became a child that anyone knows of; posix_spawn(3) does the same.
    ::waitpid(pid, nullptr, 0);
    return SpawnError{plan.stage, plan.error};
}

}  // namespace forklift::process
