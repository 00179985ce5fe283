#pragma once

#include <string>
#include <string_view>

#include "protocol/outcome.h"

namespace forklift::protocol {

/// The body of an error: the function's own document, else {"errorType","errorMessage",
/// "stackTrace"}. An own document that is larger than `max_bytes` is not used, the trace is left
/// out of one that would grow past it, then the message is cut.
std::string error_document(const Failure& failure, std::size_t max_bytes = 1024 * 1024);

/// The value of Lambda-Runtime-Function-XRay-Error-Cause, pure ASCII; at most 64 KiB, to which the
/// platform would crop it.
std::string xray_cause(const Failure& failure, std::string_view working_directory);

/// `type` as a header value: visible ASCII only, at most 256 characters, never empty.
std::string error_type_header(std::string_view type);

}  // namespace forklift::protocol
