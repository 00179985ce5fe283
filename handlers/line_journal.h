#pragma once

#include <string>
#include <string_view>

#include "handlers/journal.h"

namespace forklift::handlers {

/// Passes a program's stderr on in whole lines, so that programs that run side by side do not write
/// into each other's.
class LineJournal : public Journal {
  public:
    explicit LineJournal(Journal& journal) : journal_(journal) {}

    void write(std::string_view text) override;
    bool congested() const override { return journal_.congested(); }
    void warn(std::string_view message) override { journal_.warn(message); }
    void note(std::string_view message) override { journal_.note(message); }

    /// The program has ended: its last line is complete, with or without a newline.
    void end();

  private:
    Journal& journal_;
    std::string line_;
};

}  // namespace forklift::handlers
