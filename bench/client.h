#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/memory.h"
#include "bench/options.h"
#include "bench/process.h"
#include "bench/runtime_api_server.h"

namespace forklift::bench {

/// The environment that Lambda gives a runtime for this function, and `more` on top.
std::vector<std::string> lambda_environment(const Function& function,
                                            const std::vector<std::string>& more);

/// A Runtime API client that is measured: its process, and the server that it talks to. Whatever
/// goes wrong is thrown as std::runtime_error with the client's name and what it printed.
class Client {
  public:
    /// Starts it, and returns once it has asked for its first event.
    Client(const Contender& contender, const Function& function);

    /// Microseconds from before the exec to the first poll.
    double start_time() const { return start_time_; }

    /// What it and its children have in memory now.
    double resident_mib() const { return bench::resident_mib(process_.pid()); }

    EventTimes run_event(std::string_view event, bool echo);

  private:
    [[noreturn]] void fail(const std::exception& error) const;

    std::string name_;
    RuntimeApiServer server_;
    Process process_;
    double start_time_ = 0;
};

}  // namespace forklift::bench
