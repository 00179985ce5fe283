#pragma once

#include "handlers/journal.h"
#include "process/environment.h"
#include "protocol/invocation.h"

namespace forklift::handlers {

/// The environment that every child begins with: this process's own, without the address of the
/// Runtime API (a child that polls it would steal events), without descriptors that a child does
/// not have, and without anything that stands for one invocation.
process::Environment child_environment();

/// `base` with the context of one invocation: each Lambda-Runtime-* header as a variable by the CGI
/// rule (capitals, `-` becomes `_`), and the trace id where the AWS SDKs look for it. A header that
/// can be no variable, or has the name of one that the platform reserves, is left out, and
/// `journal` is told.
process::Environment with_context(const process::Environment& base,
                                  const protocol::Invocation& invocation, Journal& journal);

}  // namespace forklift::handlers
