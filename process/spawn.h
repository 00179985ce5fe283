#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <variant>

#include "process/child.h"
#include "process/command.h"
#include "process/reaper.h"
#include "process/spawn_error.h"

namespace forklift::process {

/// The descriptors that become a child's stdin, stdout and stderr. Borrowed: the caller closes its
/// own copies.
struct ChildStreams {
    int in = 0;
    int out = 1;
    int err = 2;
};

/// Starts `command` in a process group of its own, with an empty signal mask, every signal at its
/// default, no descriptor but the three streams and a mark in its environment. When the program
/// cannot be executed the error comes back from here, and no child is left behind.
std::variant<Child, SpawnError> spawn(boost::asio::any_io_executor executor, Reaper& reaper,
                                      const Command& command, ChildStreams streams);

}  // namespace forklift::process
