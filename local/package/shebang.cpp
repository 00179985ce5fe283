#include "local/package/shebang.h"

#include <algorithm>

namespace forklift::package {

namespace {

constexpr std::string_view blanks = " \t";

/// Takes the first word off `text`.
std::string_view next_word(std::string_view& text) {
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(blanks)));
    const std::string_view word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// What env is asked to run: behind -S the first word that is neither an option nor an assignment;
/// else the kernel hands on the rest of the line as one argument.
std::string env_name(std::string_view argument) {
    std::string_view rest = argument;
    constexpr std::string_view long_split = "--split-string";
    if (rest.starts_with(long_split)) {
        rest.remove_prefix(std::min(rest.size(), long_split.size() + 1));
    } else if (rest.starts_with("-S") || rest.starts_with("-vS") || rest.starts_with("-iS")) {
        rest.remove_prefix(rest.find('S') + 1);
    } else {
        return std::string(argument);
    }
    for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
        if (!word.starts_with('-') && word.find('=') == word.npos) return std::string(word);
    }
    return {};
}

}  // namespace

std::optional<Shebang> read_shebang(std::string_view head) {
    if (!head.starts_with("#!")) return std::nullopt;
    std::string_view line = head.substr(2, head.substr(2).find('\n'));
    Shebang shebang;
    if (line.ends_with('\r')) {
        shebang.windows = true;
        line.remove_suffix(1);
    }
    line = trim(line);
    shebang.interpreter = next_word(line);
    if (!shebang.interpreter.starts_with('/')) return std::nullopt;
    const std::string_view program =
        std::string_view(shebang.interpreter).substr(shebang.interpreter.rfind('/') + 1);
    if (program == "env") shebang.name = env_name(trim(line));
    return shebang;
}

}  // namespace forklift::package
