#pragma once

#include <cstddef>
#include <string>

namespace forklift::local {

/// `bytes` random bytes (at most 32) as lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

/// A random UUID (version 4), as request ids are.
std::string make_uuid();

/// The X-Ray header of a request that brought none:
/// "Root=1-<time>-<random>;Parent=<random>;Sampled=0".
std::string make_trace_id();

/// The name of a log stream: "2026/10/08/[$LATEST]<32 digits>".
std::string make_log_stream_name();

}  // namespace forklift::local
