#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forklift::process {

/// The environment of a child: NAME=value entries, one for each name. A value type; changing it
/// never touches the environment of this process.
class Environment {
  public:
    Environment() = default;

    /// A copy of this process's own environment.
    static Environment of_this_process();

    /// Sets `name`, replacing the value it had.
    void set(std::string_view name, std::string_view value);
    void unset(std::string_view name);
    /// Removes every name that begins with `prefix`.
    void unset_prefix(std::string_view prefix);

    /// The entry's value, or null when there is none. The pointer dies with the next change.
    const char* get(std::string_view name) const;

    const std::vector<std::string>& entries() const { return entries_; }

  private:
    std::vector<std::string>::iterator find(std::string_view name);

    std::vector<std::string> entries_;
};

}  // namespace forklift::process
