#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace forklift::process {

/// The last lines of a stream, in bounded memory however much flows through.
class Tail {
  public:
    /// Keeps at most `bytes` bytes and gives back at most `lines` lines.
    explicit Tail(std::size_t bytes = 8192, std::size_t lines = 32)
        : max_bytes_(bytes), max_lines_(lines) {}

    void add(std::string_view text);

    /// The last lines, oldest first, without line ends. A first line that was cut begins with
    /// "...".
    std::vector<std::string> lines() const;

  private:
    std::size_t max_bytes_;
    std::size_t max_lines_;
    bool cut_ = false;
    std::string kept_;
};

}  // namespace forklift::process
