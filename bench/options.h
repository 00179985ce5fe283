#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace forklift::bench {

/// What every client runs for an event.
struct Function {
    enum class Kind {
        forked,   ///< an executable, once for every event
        worker,   ///< an executable that stays: a line in, a line out
        handler,  ///< `file.function`, loaded once by a client for its language
    };
    Kind kind = Kind::forked;
    /// _HANDLER: the executable's path, or `file.function`.
    std::string name;
    /// LAMBDA_TASK_ROOT, which every client is started in.
    std::string task_root;
    /// Each answer must be the event byte for byte.
    bool echoes = false;
};

/// A Runtime API client to measure: its name in the tables and the command that starts it.
struct Contender {
    std::string name;
    std::vector<std::string> argv;
    /// NAME=value entries that it gets besides Lambda's.
    std::vector<std::string> environment;
};

/// What the command line asks for.
struct Options {
    int events = 2000;
    int block = 20;
    int cold = 20;
    std::size_t event_size = 1024;
    Function function;
    /// The floor, bootstrap, bootstrap in fork mode when `forked` is set, and the peers, in this
    /// order.
    std::vector<Contender> contenders;
    /// The executable that does in fork mode what the function does; empty when not asked for.
    std::string forked;
    /// The forklift program, when `forklift serve` is to be measured too; else empty.
    std::string serve;
    /// A missed aim is a failure.
    bool check = false;
    bool help = false;
};

/// Reads the command line; throws std::invalid_argument with what is wrong with it.
Options parse_options(int argc, char** argv);

/// What `--help` prints.
extern const char* const usage;

}  // namespace forklift::bench
