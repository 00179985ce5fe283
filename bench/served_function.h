#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/http.h"
#include "bench/options.h"
#include "bench/process.h"

namespace forklift::bench {

/// A function behind `forklift serve`, called as an AWS SDK would call it, over one connection that
/// is kept.
class ServedFunction {
  public:
    /// Starts `forklift serve` with `environment` besides Lambda's, and returns once it takes
    /// connections.
    ServedFunction(const std::string& forklift, const Function& function,
                   const std::vector<std::string>& environment);

    /// Microseconds from sending an Invoke request to having its whole answer, which with `echo`
    /// must be the event byte for byte.
    double invoke(std::string_view event, bool echo);

  private:
    [[noreturn]] void fail(const std::exception& error) const;

    int port_;
    Process process_;
    HttpConnection connection_;
};

}  // namespace forklift::bench
