#pragma once

#include <string>
#include <vector>

#include "tests/support/program.h"

namespace forklift::test {

/// Runs a shim without bootstrap, which need not hand on every byte in either direction. `file` is
/// a path, and its function `handler` gets the requests, which come through a pipe that then ends.
Finished run_shim(const std::vector<std::string>& interpreter, const std::string& shim,
                  const std::string& file, const std::string& requests);

/// A message of the worker protocol, framed, with an event of `{}`. Each of `headers` has its CR
/// LF.
std::string shim_request(const std::string& headers = {});

}  // namespace forklift::test
