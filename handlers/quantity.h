#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace forklift::handlers {

/// The longest that a function may run (AWS Lambda quotas).
inline constexpr std::chrono::milliseconds longest_run{900'000};

/// "300", "300ms" or "2s": at most `most`. Nothing for any other text.
std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view text, std::chrono::milliseconds most = longest_run);
std::string show_duration(std::chrono::milliseconds duration);

/// "4096", "64KiB", "6MiB" or "1GiB": more than 0, at most a terabyte.
std::optional<std::size_t> parse_size(std::string_view text);

/// Decimal digits alone, from `least` to `most`.
std::optional<std::size_t> parse_count(std::string_view text, std::size_t least, std::size_t most);

}  // namespace forklift::handlers
