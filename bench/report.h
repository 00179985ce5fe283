#pragma once

#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/series.h"

namespace forklift::bench {

/// Everything measured of one client.
struct Result {
    std::string name;
    /// Exec to first poll; one block for each round.
    Series start;
    /// Event sent to whole answer in.
    Series answered;
    /// Event sent to next poll.
    Series ready;
    /// In memory after the last event, with its children.
    double resident_mib = 0;
};

/// What a run measured: the clients in the order of Options::contenders.
struct Results {
    std::vector<Result> clients;
    /// Invoke sent to whole answer in, through `forklift serve`; without blocks when not asked for.
    Series served;
};

/// Prints the tables and the comparisons, each beside its aim. True when no aim was missed.
bool print_report(const Options& options, const Results& results);

}  // namespace forklift::bench
