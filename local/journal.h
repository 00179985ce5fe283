#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace forklift::local {

/// The log of one environment. Every line goes to stderr; the end of the running invocation's log
/// is kept as well when its caller wants it.
class Journal {
  public:
    /// Begins the log of an invocation, with its START line.
    void begin(bool keep_tail);

    /// Writes one line, given without its line end.
    void line(std::string_view text);
    /// Writes whole lines, with their line ends, in one piece.
    void lines(std::string_view text);

    /// The invocation's last 4 KiB, if kept; nothing is kept from now on.
    std::string take_tail();

  private:
    bool keep_tail_ = false;
    std::string tail_;
};

}  // namespace forklift::local
