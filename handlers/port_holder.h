#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "process/mark.h"

/// Who listens on the port that a server of ours is to have. An environment that is reset loses
/// bootstrap alone, and what its server had started may go on to listen.
namespace forklift::handlers {

struct PortHolder {
    pid_t pid = 0;
    /// Its command line, for people.
    std::string command;
    /// Whose child it comes from, as far as can be seen.
    std::optional<process::Mark> mark;
    /// It comes from a bootstrap that is gone.
    bool is_leftover = false;
};

/// The processes that listen on the port, on any address. Those of other users cannot be seen.
std::vector<PortHolder> port_holders(std::uint16_t port);

/// "pid 4711 (nginx: worker process)", several of them with commas between; what else is known of
/// them, or that they cannot be seen.
std::string describe(const std::vector<PortHolder>& holders);

/// Sends SIGKILL to leftovers, their process groups and all that bears their mark.
void kill_leftovers(const std::vector<PortHolder>& holders);

/// Notes in a file under TMPDIR, this user's alone, that the process group listens on the port for
/// this process, so that `port_holders` knows it again although it may have written over its mark.
/// Where no file can be written there is none.
void note_server(std::uint16_t port, pid_t group);
void forget_server(std::uint16_t port);

}  // namespace forklift::handlers
