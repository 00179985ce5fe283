#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace forklift::local {

/// What a check found wrong.
struct Finding {
    std::string message;
    /// Bytes as they went over the pipes; empty when there were none to show.
    std::string sent;
    std::string came;
    /// In words.
    std::string expected;
};

/// Writes what became of some checks, as the Test Anything Protocol has it
/// (https://testanything.org/tap-version-13-specification.html).
class TapReport {
  public:
    /// `write` takes whole lines. Writes the version and the plan.
    TapReport(std::size_t checks, std::function<void(std::string_view)> write);

    void passed(std::string_view description);
    void failed(std::string_view description, const Finding& finding);
    /// A line for people.
    void note(std::string_view text);
    /// Nothing can be checked any more.
    void bail_out(std::string_view reason);

    std::size_t failures() const { return failures_; }

  private:
    std::function<void(std::string_view)> write_;
    std::size_t number_ = 0;
    std::size_t failures_ = 0;
};

}  // namespace forklift::local
