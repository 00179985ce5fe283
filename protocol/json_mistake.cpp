#include "protocol/json_mistake.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/json.h"

namespace forklift::protocol {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<bool, 256> make_plain() {
    std::array<bool, 256> plain{};
    for (std::size_t c = ' '; c < plain.size(); ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}

/// Which bytes stand for themselves in a string.
constexpr std::array<bool, 256> plain = make_plain();

bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

/// Reads a text token by token until it ends or breaks the grammar.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::optional<JsonMistake> scan() {
        do {
            if (!value()) return mistake();
            while (!open_.empty() && !needs_value_) {
                if (!after_value()) return mistake();
            }
        } while (needs_value_);
        skip_space();
        if (at_ < text_.size()) return expected("the end of the text"), mistake();
        return std::nullopt;
    }

  private:
    char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void skip_space() {
        // Most texts have none here.
        if (here() > ' ') return;
        at_ = std::min(text_.size(), text_.find_first_not_of(" \t\n\r", at_));
    }

    bool expected(std::string_view what) {
        if (at_ >= text_.size()) {
            what_ = fmt::format("the text ends where {} must stand", what);
        } else if (text_[at_] >= ' ' && text_[at_] <= '~') {
            what_ = fmt::format("found {}, where {} must stand", text_[at_], what);
        } else {
            what_ = fmt::format("found the byte 0x{:02x}, where {} must stand",
                                static_cast<unsigned char>(text_[at_]), what);
        }
        return false;
    }

    bool take(char c) {
        if (here() != c || at_ >= text_.size()) return false;
        ++at_;
        return true;
    }

    /// A scalar, an empty container, or the beginning of one that has something in it.
    bool value() {
        needs_value_ = false;
        skip_space();
        if (here() == '"') return string();
        if (here() == '-' || is_digit(here())) return number();
        if (here() != '{' && here() != '[') return word();
        const bool is_object = here() == '{';
        ++at_;
        skip_space();
        if (take(is_object ? '}' : ']')) return true;
        open_.push_back(is_object);
        needs_value_ = true;
        return !is_object || name();
    }

    bool word() {
        for (const std::string_view word : {"true", "false", "null"}) {
            if (text_.substr(at_).starts_with(word)) return at_ += word.size(), true;
        }
        return expected("a value");
    }

    bool name() {
        skip_space();
        if (here() != '"') return expected("a name in double quotes");
        if (!string()) return false;
        skip_space();
        return take(':') || expected("a colon");
    }

    bool after_value() {
        skip_space();
        const bool in_object = open_.back();
        if (take(in_object ? '}' : ']')) {
            open_.pop_back();
            return true;
        }
        if (!take(',')) return expected(in_object ? "a comma or }" : "a comma or ]");
        needs_value_ = true;
        return !in_object || name();
    }

    bool string() {
        for (++at_; at_ < text_.size(); ++at_) {
            if (plain[static_cast<unsigned char>(text_[at_])]) continue;
            if (text_[at_] == '"') return ++at_, true;
            if (static_cast<unsigned char>(text_[at_]) < ' ')
                return expected("a character of a string (or an escape such as \\n)");
            if (text_[at_] == '\\' && !escape()) return false;
        }
        return expected("a closing quote");
    }

    bool escape() {
        ++at_;
        if (here() != 'u' || at_ >= text_.size()) {
            const bool known = std::string_view("\"\\/bfnrt").find(here()) != text_.npos;
            return (at_ < text_.size() && known) || expected("an escape: one of \"\\/bfnrtu");
        }
        for (int i = 0; i < 4; ++i) {
            ++at_;
            if (!is_hex(here())) return expected("a hexadecimal digit");
        }
        return true;
    }

    bool digits() {
        if (!is_digit(here())) return expected("a digit");
        while (is_digit(here())) ++at_;
        return true;
    }

    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (here() == 'e' || here() == 'E') {
            ++at_;
            if (!take('-')) take('+');
            return digits();
        }
        return true;
    }

    JsonMistake mistake() const {
        const std::string_view before = text_.substr(0, at_);
        const auto newline = before.rfind('\n');
        JsonMistake mistake;
        mistake.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
        mistake.column += newline == before.npos ? at_ : at_ - newline - 1;
        mistake.what = what_;
        return mistake;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    /// The brackets that are still to be closed, true for those of objects: a bit for each, since
    /// whoever sends an event decides how many there are.
    std::vector<bool> open_;
    bool needs_value_ = false;
    std::string what_;
};

}  // namespace

std::optional<JsonMistake> find_json_mistake(std::string_view text) {
    if (auto mistake = Scanner(text).scan()) return mistake;
    if (is_utf8(text)) return std::nullopt;
    std::size_t line = 1;
    while (is_utf8(text.substr(0, text.find('\n')))) {
        text.remove_prefix(text.find('\n') + 1);
        ++line;
    }
    return JsonMistake{line, 1, "found bytes that are not UTF-8 in this line"};
}

}  // namespace forklift::protocol
