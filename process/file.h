#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace forklift::process {

/// Makes the file `path`, for this user alone, with `bytes` in it.
std::error_code write_file(const std::string& path, std::string_view bytes);

/// Reads the file `path`, but no more than `max_bytes` and one of it. Sets `error` when it cannot
/// be read, or is no plain file: nothing here follows a link or waits for a pipe's writer.
std::string read_plain_file(const std::string& path, std::size_t max_bytes, std::error_code& error);

/// Reads the regular file at `path`, or at the end of the links there. Sets `error`, and returns
/// nothing, when it cannot be read: to invalid_argument for what is no regular file (nothing here
/// waits for a pipe's writer), to file_too_large for one that has more than `max_bytes`.
std::string read_regular_file(const std::string& path, std::size_t max_bytes,
                              std::error_code& error);

}  // namespace forklift::process
