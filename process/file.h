#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace forklift::process {

/// Makes the file `path`, for this user alone, with `bytes` in it.
std::error_code write_file(const std::string& path, std::string_view bytes);

/// Reads the file that `path` leads to. Sets `error` when it cannot be read: to
/// std::errc::invalid_argument when it is no regular file, which is not waited for, and to
/// std::errc::file_too_large when it has more than `max_bytes`.
std::string read_regular_file(const std::string& path, std::size_t max_bytes,
                              std::error_code& error);

/// Reads the file `path`, but no more than `max_bytes` and one of it. Sets `error` when it cannot
/// be read, or is no plain file: this follows no link and waits for no pipe's writer.
std::string read_plain_file(const std::string& path, std::size_t max_bytes, std::error_code& error);

}  // namespace forklift::process
