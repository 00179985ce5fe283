#include "process/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>

// Boost 1.81 takes these names for granted when it is told to use std::filesystem.
#include <boost/optional.hpp>
#include <boost/type_traits/decay.hpp>
#include <boost/type_traits/is_convertible.hpp>
// Keep this order.
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <csignal>
#include <filesystem>

#include "process/limited_spawn.h"

namespace forklift::process {

namespace {

namespace bp = boost::process::v2;

/// posix_spawn(3)'s attributes, the same for every child: a group of its own, nothing blocked and
/// nothing ignored.
class Attributes {
  public:
    Attributes() {
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }

    const posix_spawnattr_t* get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

/// Empty where the kernel or a seccomp filter does not allow it.
UniqueFd open_pidfd(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// A launcher for Boost.Process that calls posix_spawn(3), which copies no page tables and reports
/// a failed exec without a pipe. Like Boost's own launchers it calls `on_setup` of each initialiser
/// first; an initialiser adds to `actions` or changes `env`.
///
/// The process it returns is empty: Boost's handle reaps with a blocking waitpid(2), and its wait
/// would free the process group's number before the group is swept. `pid` and `pidfd` are the
/// child, as default_launcher's `pid` is.
struct PosixSpawnLauncher {
    const char* const* env = ::environ;
    pid_t pid = -1;
    UniqueFd pidfd;
    posix_spawn_file_actions_t actions{};

    PosixSpawnLauncher() { ::posix_spawn_file_actions_init(&actions); }
    PosixSpawnLauncher(const PosixSpawnLauncher&) = delete;
    PosixSpawnLauncher& operator=(const PosixSpawnLauncher&) = delete;
    ~PosixSpawnLauncher() { ::posix_spawn_file_actions_destroy(&actions); }

    template <typename Executor, typename... Inits>
    bp::basic_process<Executor> operator()(Executor executor, boost::system::error_code& error,
                                           const std::filesystem::path& executable,
                                           const char* const* argv, Inits&&... inits) {
        error = bp::posix::detail::on_setup(*this, executable, argv, inits...);
        if (!error) {
            static const Attributes attributes;
            ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
            error.assign(
                ::posix_spawn(&pid, executable.c_str(), &actions, attributes.get(),
                              const_cast<char* const*>(argv), const_cast<char* const*>(env)),
                boost::system::system_category());
        }
        if (!error) pidfd = open_pidfd(pid);
        return bp::basic_process<Executor>(std::move(executor));
    }
};

/// Initialiser: the three streams.
struct SetStreams {
    ChildStreams streams;

    boost::system::error_code on_setup(PosixSpawnLauncher& launcher, const std::filesystem::path&,
                                       const char* const*&) const {
        ::posix_spawn_file_actions_adddup2(&launcher.actions, streams.in, 0);
        ::posix_spawn_file_actions_adddup2(&launcher.actions, streams.out, 1);
        ::posix_spawn_file_actions_adddup2(&launcher.actions, streams.err, 2);
        return {};
    }
};

/// Initialiser: the folder to start in.
struct SetDirectory {
    const std::string& directory;

    boost::system::error_code on_setup(PosixSpawnLauncher& launcher, const std::filesystem::path&,
                                       const char* const*&) const {
        if (!directory.empty()) {
            ::posix_spawn_file_actions_addchdir_np(&launcher.actions, directory.c_str());
        }
        return {};
    }
};

/// Initialiser: the environment.
struct SetEnvironment {
    const std::vector<const char*>& entries;

    boost::system::error_code on_setup(PosixSpawnLauncher& launcher, const std::filesystem::path&,
                                       const char* const*&) const {
        launcher.env = entries.data();
        return {};
    }
};

std::vector<const char*> pointers(const std::vector<std::string>& strings) {
    std::vector<const char*> result;
    result.reserve(strings.size() + 1);
    for (const std::string& string : strings) result.push_back(string.c_str());
    result.push_back(nullptr);
    return result;
}

/// posix_spawn tells the errno alone; the step follows from it and from a look at the folder.
SpawnStage failed_stage(int error, const Command& command) {
    if (error == EAGAIN || error == ENOMEM) return SpawnStage::fork;
    struct stat info {};
    const bool directory_is_fine =
        command.directory.empty() ||
        (::stat(command.directory.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
         ::access(command.directory.c_str(), X_OK) == 0);
    return directory_is_fine ? SpawnStage::execute : SpawnStage::directory;
}

}  // namespace

std::variant<Child, SpawnError> spawn(boost::asio::any_io_executor executor, Reaper& reaper,
                                      const Command& command, ChildStreams streams) {
    std::vector<const char*> argv = pointers(command.argv);
    if (command.argv.empty()) argv.insert(argv.begin(), command.program.c_str());
    const std::vector<const char*> environment = pointers(command.environment.entries());

    if (command.limits.any()) {
        const auto started = spawn_with_limits(command, streams, argv, environment);
        if (const auto* failed = std::get_if<SpawnError>(&started)) return *failed;
        const pid_t pid = std::get<pid_t>(started);
        return Child(executor, reaper, pid, open_pidfd(pid));
    }
    PosixSpawnLauncher launcher;
    boost::system::error_code error;
    launcher(executor, error, std::filesystem::path(command.program), argv.data(),
             SetStreams{streams}, SetDirectory{command.directory}, SetEnvironment{environment});
    if (error) return SpawnError{failed_stage(error.value(), command), error.value()};
    return Child(executor, reaper, launcher.pid, std::move(launcher.pidfd));
}

}  // namespace forklift::process
