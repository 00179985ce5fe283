#include "handlers/quantity.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace forklift::handlers {

namespace {

constexpr std::size_t largest_size = std::size_t{1} << 40;

/// A whole number and what stands behind it.
std::optional<std::pair<std::size_t, std::string_view>> number_and_unit(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                        std::chrono::milliseconds most) {
    const auto longest = static_cast<std::size_t>(most.count());
    const auto parts = number_and_unit(text);
    if (!parts || parts->first > longest) return std::nullopt;
    const auto& [number, unit] = *parts;
    if (!unit.empty() && unit != "ms" && unit != "s") return std::nullopt;
    const std::size_t ms = unit == "s" ? number * 1000 : number;
    if (ms > longest) return std::nullopt;
    return std::chrono::milliseconds(ms);
}

std::string show_duration(std::chrono::milliseconds duration) {
    return fmt::format("{}ms", duration.count());
}

std::optional<std::size_t> parse_size(std::string_view text) {
    const auto parts = number_and_unit(text);
    if (!parts || parts->first == 0 || parts->first > largest_size) return std::nullopt;
    const auto& [number, unit] = *parts;
    const std::size_t factor = unit.empty()    ? 1
                               : unit == "KiB" ? std::size_t{1} << 10
                               : unit == "MiB" ? std::size_t{1} << 20
                               : unit == "GiB" ? std::size_t{1} << 30
                                               : 0;
    if (factor == 0 || number > largest_size / factor) return std::nullopt;
    return number * factor;
}

std::optional<std::size_t> parse_count(std::string_view text, std::size_t least, std::size_t most) {
    const auto parts = number_and_unit(text);
    if (!parts || !parts->second.empty()) return std::nullopt;
    if (parts->first < least || parts->first > most) return std::nullopt;
    return parts->first;
}

}  // namespace forklift::handlers
