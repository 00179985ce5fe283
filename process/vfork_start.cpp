#include "process/vfork_start.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

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

/// The signals that a child must set to their defaults: those that whoever started us has left
/// ignored, which exec would keep so, and those that our programs ignore or catch, whose handlers
/// must not run in a child. To ask the kernel at each start would be a system call for each signal.
std::vector<int> find_changed_signals() {
    std::vector<int> changed = {SIGPIPE, SIGXFSZ, SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_DFL)
            changed.push_back(signal);
    }
    return changed;
}

/// What the child leaves behind when it fails, in our memory.
struct Failed {
    volatile SpawnStage stage = SpawnStage::streams;
    volatile int error = 0;
};

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

bool set_limits(const std::vector<std::pair<int, rlimit>>& limits) {
    for (const auto& [resource, limit] : limits) {
        if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return false;
    }
    return true;
}

/// One start: what the two processes share while the child borrows our memory.
struct Start {
    const ChildPlan& plan;
    pid_t parent;
    const std::vector<int>& changed_signals;
    std::vector<std::pair<int, rlimit>> limits;
    Failed failed = {};
};

/// The child's part: system calls alone, nothing that allocates or locks. Does not return.
[[noreturn]] void become_the_program(Start& start) {
    const auto fail = [&start] {
        start.failed.error = errno;
        ::_exit(127);
    };
    const ChildPlan& plan = start.plan;
    if (plan.death_signal != 0) {
        ::prctl(PR_SET_PDEATHSIG, plan.death_signal);
        // It may have ended before it could be told of.
        if (::getppid() != start.parent) ::_exit(127);
    }
    ::setpgid(0, 0);
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (const int signal : start.changed_signals) ::sigaction(signal, &action, nullptr);
    if (!set_streams(plan.streams)) fail();
    start.failed.stage = SpawnStage::directory;
    if (*plan.directory && ::chdir(plan.directory) != 0) fail();
    start.failed.stage = SpawnStage::limits;
    if (!set_limits(start.limits)) fail();
    start.failed.stage = SpawnStage::execute;
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(plan.program, const_cast<char* const*>(plan.argv),
             const_cast<char* const*>(plan.environment));
    fail();
    ::_exit(127);
}

}  // namespace

std::variant<pid_t, SpawnError> start_by_vfork(const ChildPlan& plan) {
    static const std::vector<int> changed_signals = find_changed_signals();
    Start start{plan, ::getpid(), changed_signals, to_rlimits(plan.limits)};
    const BlockedSignals blocked;
    const pid_t pid = ::vfork();
    if (pid == 0) become_the_program(start);
    if (pid < 0) return SpawnError{SpawnStage::fork, errno};
    if (start.failed.error == 0) return pid;
    // It never became a child that anyone knows of; posix_spawn(3) does the same.
    ::waitpid(pid, nullptr, 0);
    return SpawnError{start.failed.stage, start.failed.error};
}

}  // namespace forklift::process
