#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/program.h"

namespace forklift::test {

/// Runs the forklift program to its end.
Finished run_forklift(const std::vector<std::string>& arguments, const std::string& directory = {},
                      const std::string& input = {}, const Variables& environment = {});

/// `forklift serve` at a port of its own, until the object goes.
class ForkliftServe : public Program {
  public:
    /// `arguments` follow "serve".
    explicit ForkliftServe(const std::vector<std::string>& arguments,
                           const Variables& environment = {});

    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  private:
    std::uint16_t port_ = 0;
};

}  // namespace forklift::test
