#include "local/function_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace forklift::local {

namespace {

constexpr std::size_t max_name = 64;
constexpr std::size_t max_text = 170;

/// "FunctionName" of API_Invoke.
constexpr std::string_view pattern =
    "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-[a-z]+)+-\\d{1}:)?(\\d{12}:)?(function:)?"
    "([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

using Parts = std::vector<std::string_view>;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

template <typename Predicate>
bool all_of(std::string_view text, Predicate predicate) {
    return std::all_of(text.begin(), text.end(), predicate);
}

bool is_partition(std::string_view text) {
    if (text.empty()) return true;
    return text.starts_with("aws") &&
           all_of(text.substr(3), [](char c) { return is_letter(c) || c == '-'; });
}

/// "eu-west-1", "us-gov-east-1".
bool is_region(std::string_view text) {
    const auto first = text.find('-');
    const auto last = text.rfind('-');
    if (first != 2 || last == first || last + 2 != text.size() || !is_digit(text.back()))
        return false;
    if (!is_lower(text[0]) || !is_lower(text[1])) return false;
    const std::string_view words = text.substr(first, last - first);
    return words.back() != '-' && words.find("--") == words.npos &&
           all_of(words, [](char c) { return is_lower(c) || c == '-'; });
}

bool is_account(std::string_view text) { return text.size() == 12 && all_of(text, is_digit); }

bool is_name(std::string_view text) {
    return !text.empty() && all_of(text, [](char c) { return is_word(c) || c == '.'; });
}

bool is_alias_or_version(std::string_view text) {
    if (text == "$LATEST" || text == "$LATEST.PUBLISHED") return true;
    return !text.empty() && all_of(text, is_word);
}

/// Takes what the rest of the pattern takes from `at` on, of which `stage` parts that may be there
/// have been decided on: ARN, region, account, "function". Each is taken where it stands, unless
/// nothing is left for the name then.
std::optional<FunctionName> match(const Parts& parts, std::size_t at, int stage) {
    const std::size_t left = parts.size() - at;
    if (stage == 4) {
        if (left == 0 || left > 2 || !is_name(parts[at])) return std::nullopt;
        if (left == 1) return FunctionName{std::string(parts[at]), {}};
        if (!is_alias_or_version(parts[at + 1])) return std::nullopt;
        return FunctionName{std::string(parts[at]), std::string(parts[at + 1])};
    }
    const bool is_arn = stage == 0 && left > 3 && parts[at] == "arn" &&
                        is_partition(parts[at + 1]) && parts[at + 2] == "lambda";
    const bool is_one = left > 1 && ((stage == 1 && is_region(parts[at])) ||
                                     (stage == 2 && is_account(parts[at])) ||
                                     (stage == 3 && parts[at] == "function"));
    if (is_arn || is_one) {
        if (auto found = match(parts, at + (is_arn ? 3 : 1), stage + 1)) return found;
    }
    return match(parts, at, stage + 1);
}

Parts split(std::string_view text) {
    Parts parts;
    for (;;) {
        const auto end = std::min(text.find(':'), text.size());
        parts.push_back(text.substr(0, end));
        if (end == text.size()) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string too_long(std::size_t limit) {
    return fmt::format("Member must have length less than or equal to {}", limit);
}

}  // namespace

std::variant<FunctionName, std::string> read_function_name(std::string_view text) {
    if (text.empty()) return "Member must have length greater than or equal to 1";
    if (text.size() > max_text) return too_long(max_text);
    auto name = match(split(text), 0, 0);
    if (!name) return fmt::format("Member must satisfy regular expression pattern: {}", pattern);
    if (name->name.size() > max_name) return too_long(max_name);
    return std::move(*name);
}

std::string version_of(std::string_view qualifier) {
    const bool is_version = !qualifier.empty() && all_of(qualifier, is_digit);
    return std::string(is_version ? qualifier : "$LATEST");
}

bool is_qualifier(std::string_view text) {
    return text == "$LATEST.PUBLISHED" ||
           all_of(text, [](char c) { return is_word(c) || c == '$'; });
}

}  // namespace forklift::local
