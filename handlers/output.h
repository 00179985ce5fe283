#pragma once

#include <string>

#include "handlers/options.h"
#include "protocol/outcome.h"

namespace forklift::handlers {

/// Turns the stdout of a program that succeeded into the response, in the form the options name:
/// - auto: JSON as it is, byte for byte; other UTF-8 text as a JSON string without its last
/// newline;
///   anything else as a JSON string of base64;
/// - json: must be JSON; text: must be UTF-8, and becomes a JSON string; base64: a JSON string;
///   raw: as it is.
/// Function.InvalidOutput when it does not fit the form, Function.ResponseSizeTooLarge when the
/// response is larger than Lambda takes.
protocol::Outcome to_response(std::string output, const Options& options);

}  // namespace forklift::handlers
