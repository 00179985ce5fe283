#include "bench/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace forklift::bench {
namespace {

constexpr int patience_ms = 2000;
constexpr std::size_t shown_bytes = 2048;

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (const auto& string : strings) result.push_back(const_cast<char*>(string.c_str()));
    result.push_back(nullptr);
    return result;
}

/// What a start needs from posix_spawn(3): a group of its own, no signal held back, `folder` to
/// work in, no stdin, and what it prints into `log`.
class SpawnSetting {
  public:
    SpawnSetting(int log, const std::string& folder) {
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_init(&actions);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
        posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO);
    }
    SpawnSetting(const SpawnSetting&) = delete;
    SpawnSetting& operator=(const SpawnSetting&) = delete;
    ~SpawnSetting() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }

    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
};

}  // namespace

Process::Process(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                 const std::string& folder)
    : log_(memfd_create("log", MFD_CLOEXEC)) {
    fcntl(log_.get(), F_SETFL, O_APPEND);
    const SpawnSetting setting(log_.get(), folder);
    const auto argument_pointers = pointers(argv);
    const auto environment_pointers = pointers(environment);
    started_ = Clock::now();
    const int error = posix_spawnp(&pid_, argv[0].c_str(), &setting.actions, &setting.attributes,
                                   argument_pointers.data(), environment_pointers.data());
    if (error != 0) throw std::system_error(error, std::generic_category(), argv[0]);
    // Not pidfd_open(): its header in glibc 2.36 cannot be used from C++.
    pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process() {
    // SIGTERM first: a program that has files or children of its own looks after them.
    kill(pid_, SIGTERM);
    pollfd ended{pidfd_.get(), POLLIN, 0};
    if (pidfd_) poll(&ended, 1, patience_ms);
    kill(-pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

std::string Process::log_tail() const {
    const off_t size = lseek(log_.get(), 0, SEEK_END);
    const off_t from = std::max<off_t>(0, size - static_cast<off_t>(shown_bytes));
    std::string tail(static_cast<std::size_t>(size - from), '\0');
    const ssize_t count = pread(log_.get(), tail.data(), tail.size(), from);
    tail.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return tail;
}

OrphanSweep::OrphanSweep() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

OrphanSweep::~OrphanSweep() {
    // Until there is none: each one killed may leave its own children to us.
    for (bool found = true; found;) {
        found = false;
        std::ifstream children("/proc/thread-self/children");
        for (pid_t pid = 0; children >> pid; found = true) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
        }
    }
}

}  // namespace forklift::bench
