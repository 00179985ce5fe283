#pragma once

#include <functional>
#include <string>
#include <vector>

#include "local/conformance/session.h"
#include "protocol/worker_message.h"

namespace forklift::local {

/// One rule of docs/worker-protocol.md, and how it is tried out.
struct ConformanceCheck {
    /// What a worker does that passes.
    std::string description;
    /// Throws CheckFailed.
    std::function<void(ConformanceSession&)> run;
};

/// The checks for a framing, in their order. The first starts the worker.
std::vector<ConformanceCheck> conformance_checks(protocol::Framing framing);

}  // namespace forklift::local
