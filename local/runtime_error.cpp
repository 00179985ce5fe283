#include "local/runtime_error.h"

namespace forklift::local {

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

/// Finds the platform's `(Runtime|Function)\.[A-Z][a-zA-Z]+` anywhere in `type`.
bool has_reason(std::string_view type) {
    for (const std::string_view category : {"Runtime.", "Function."}) {
        for (auto at = type.find(category); at != type.npos; at = type.find(category, at + 1)) {
            const std::string_view reason = type.substr(at + category.size());
            if (reason.size() >= 2 && is_upper(reason[0]) && is_letter(reason[1])) return true;
        }
    }
    return false;
}

}  // namespace

std::string known_error_type(std::string_view type) {
    if (has_reason(type)) return std::string(type);
    return type.starts_with("Function.") ? "Function.Unknown" : "Runtime.Unknown";
}

}  // namespace forklift::local
