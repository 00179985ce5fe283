#pragma once

#include <cstdint>
#include <string>

#include "tests/support/http_stream.h"
#include "tests/support/program.h"

namespace forklift::test {

/// bootstrap as the entry point of a container on a host that is not Lambda: it serves HTTP at a
/// port of this machine, which it says on stderr, until the object goes.
class Container : public Program {
  public:
    explicit Container(const ProgramOptions& program);

    std::uint16_t port() const { return port_; }
    HttpMessage get(const std::string& target = "/") const;
    /// The answer to an event, by the Invoke API.
    HttpMessage invoke(const std::string& event) const;

  private:
    std::uint16_t port_ = 0;
};

}  // namespace forklift::test
