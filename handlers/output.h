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

/// An answer that carries its own content type: as it is, but for one that begins with the prelude
/// of a streamed HTTP response, which becomes the buffered answer that it stands for.
/// Function.InvalidOutput and Function.ResponseSizeTooLarge as above.
protocol::Outcome to_typed_response(std::string content_type, std::string body);

}  // namespace forklift::handlers
