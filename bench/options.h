#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace forklift::bench {

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
    /// The function: an executable that every client runs once for an event.
    std::string child = "/bin/cat";
    /// The bare loop, bootstrap, and the peers, in this order.
    std::vector<Contender> contenders;
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
