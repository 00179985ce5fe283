#pragma once

#include <cstddef>

/// Limits of the platform (AWS Lambda quotas; the emulator's source for the exact bytes).
namespace forklift::protocol {

/// A synchronous request: 6 MiB.
inline constexpr std::size_t max_request_bytes = 6 * 1024 * 1024;
/// A buffered response, as the Runtime API checks it: 6 MiB and 100 bytes.
inline constexpr std::size_t max_response_bytes = 6 * 1024 * 1024 + 100;
/// An asynchronous request: 1 MiB.
inline constexpr std::size_t max_async_request_bytes = 1024 * 1024;

/// The client context of an invocation, in base64
/// (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
inline constexpr std::size_t max_client_context_bytes = 3583;

}  // namespace forklift::protocol
