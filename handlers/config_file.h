#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "handlers/options.h"

namespace forklift::handlers {

/// One entry under `handlers`.
struct ConfigEntry {
    std::string name;
    Options options;
    /// The options that the entry names.
    std::set<std::string_view> chosen;
    /// Everything that is wrong with the entry, one sentence each: its handler cannot run. The
    /// others can.
    std::vector<std::string> mistakes;
};

/// forklift.json, read whole.
struct ConfigFile {
    std::string path;
    std::vector<ConfigEntry> entries;

    const ConfigEntry* find(std::string_view name) const;
};

/// Everything that is wrong with a file as a whole, so that no handler can be trusted, one sentence
/// each: the file, where in it, what was found, what is allowed.
struct ConfigMistakes {
    std::vector<std::string> sentences;
};

using ConfigResult = std::variant<ConfigFile, ConfigMistakes>;

/// Reads a configuration from its text; `path` is for messages.
ConfigResult read_config(std::string_view text, const std::string& path);

/// Finds and reads the file: where `config` points (relative to the task root), else forklift.json
/// in the task root. Without either it is empty, which is no mistake.
ConfigResult find_config(const std::string& task_root, const std::optional<std::string>& config);

}  // namespace forklift::handlers
