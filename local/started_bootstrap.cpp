#include "local/started_bootstrap.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "local/function_environment.h"
#include "local/identifiers.h"
#include "process/pipe.h"
#include "process/spawn.h"

namespace forklift::local {

std::variant<StartedBootstrap, std::string> start_bootstrap(boost::asio::any_io_executor executor,
                                                            process::Reaper& reaper,
                                                            const Function& function,
                                                            std::string_view api_address) {
    std::error_code error;
    process::Pipe out = process::make_output_pipe(error);
    process::Pipe err = process::make_output_pipe(error);
    const process::UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    process::Command command;
    command.program = function.bootstrap.string();
    command.environment = function_environment(function, api_address, make_log_stream_name());
    command.directory = function.task_root.string();
    // It ends what it has started before it ends itself, which SIGKILL would not let it do.
    command.death_signal = SIGHUP;
    if (error || !null) {
        const process::SpawnError no_streams{process::SpawnStage::streams,
                                             error ? error.value() : errno};
        return process::describe(no_streams, command);
    }
    auto spawned = process::spawn(executor, reaper, command,
                                  {null.get(), out.write_end.get(), err.write_end.get()});
    if (const auto* failure = std::get_if<process::SpawnError>(&spawned))
        return process::describe(*failure, command);
    return StartedBootstrap{std::get<process::Child>(std::move(spawned)), std::move(out.read_end),
                            std::move(err.read_end)};
}

}  // namespace forklift::local
