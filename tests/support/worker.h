#pragma once

#include <string>

#include "tests/support/event.h"
#include "tests/support/program.h"
#include "tests/support/runtime_api_server.h"

/// What tests of mode worker have in common.
namespace forklift::test {

/// Mode worker with the framing `lines`, and further options.
Variables as_worker(Variables more = {});
/// The same with the framing `framed`.
Variables as_framed_worker(Variables more = {});

/// A shell worker of these lines for each event, which stands in $event.
std::string worker_loop(const std::string& lines);

/// An event of that payload.
Event event_of(const std::string& payload);

/// The error type of a posted error; "none" when there is none.
std::string error_type(const Request& request);
/// The errorMessage in its body.
std::string error_message(const Request& request);

}  // namespace forklift::test
