#include "process/spawn.h"

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

#include "process/mark.h"
#include "process/vfork_start.h"

namespace forklift::process {

namespace {

namespace bp = boost::process::v2;

/// Empty where the kernel or a seccomp filter does not allow it.
UniqueFd open_pidfd(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// A launcher for Boost.Process that starts by vfork(2), which copies no page tables and reports a
/// failed exec without a pipe. Like Boost's own launchers it calls `on_setup` of each initialiser
/// first, which adds to `plan`.
///
/// The process it returns is empty: Boost's handle reaps with a blocking waitpid(2), and its wait
/// would free the process group's number before the group is swept. `pid` and `pidfd` are the
/// child, as default_launcher's `pid` is.
struct VforkLauncher {
    ChildPlan plan;
    SpawnError failure;
    pid_t pid = -1;
    UniqueFd pidfd;

    template <typename Executor, typename... Inits>
    bp::basic_process<Executor> operator()(Executor executor, boost::system::error_code& error,
                                           const std::filesystem::path& executable,
                                           const char* const* argv, Inits&&... inits) {
        plan.program = executable.c_str();
        plan.argv = argv;
        error = bp::posix::detail::on_setup(*this, executable, argv, inits...);
        if (!error) {
            const auto started = start_by_vfork(plan);
            if (const auto* failed = std::get_if<SpawnError>(&started)) {
                failure = *failed;
                error.assign(failure.error, boost::system::system_category());
            } else {
                pid = std::get<pid_t>(started);
                pidfd = open_pidfd(pid);
            }
        }
        return bp::basic_process<Executor>(std::move(executor));
    }
};

/// Initialiser: what the command says beside its program and arguments.
struct SetCommand {
    const Command& command;
    ChildStreams streams;
    const char* const* environment;

    boost::system::error_code on_setup(VforkLauncher& launcher, const std::filesystem::path&,
                                       const char* const*&) const {
        launcher.plan.streams = streams;
        launcher.plan.directory = command.directory.c_str();
        launcher.plan.environment = environment;
        launcher.plan.limits = command.limits;
        launcher.plan.death_signal = command.death_signal;
        return {};
    }
};

std::vector<const char*> arguments_of(const Command& command) {
    std::vector<const char*> argv;
    argv.reserve(command.argv.size() + 2);
    if (command.argv.empty()) argv.push_back(command.program.c_str());
    for (const std::string& argument : command.argv) argv.push_back(argument.c_str());
    argv.push_back(nullptr);
    return argv;
}

/// The command's environment with `marked` in it, NAME=value, in the place of the mark that this
/// process may have itself.
std::vector<const char*> environment_of(const Command& command, const std::string& marked) {
    const auto& entries = command.environment.entries();
    const std::string_view name = std::string_view(marked).substr(0, marked.find('=') + 1);
    std::vector<const char*> environment;
    environment.reserve(entries.size() + 2);
    for (const std::string& entry : entries) {
        if (!entry.starts_with(name)) environment.push_back(entry.c_str());
    }
    environment.push_back(marked.c_str());
    environment.push_back(nullptr);
    return environment;
}

}  // namespace

std::variant<Child, SpawnError> spawn(boost::asio::any_io_executor executor, Reaper& reaper,
                                      const Command& command, ChildStreams streams) {
    const Mark mark = next_mark();
    const std::string marked = std::string(mark_variable) + "=" + to_text(mark);
    const std::vector<const char*> argv = arguments_of(command);
    const std::vector<const char*> environment = environment_of(command, marked);

    VforkLauncher launcher;
    boost::system::error_code error;
    launcher(executor, error, std::filesystem::path(command.program), argv.data(),
             SetCommand{command, streams, environment.data()});
    if (error) return launcher.failure;
    try {
        return Child(executor, reaper, launcher.pid, std::move(launcher.pidfd), mark);
    } catch (...) {
        // It would run on, and nobody would know.
        ::kill(-launcher.pid, SIGKILL);
        throw;
    }
}

}  // namespace forklift::process
