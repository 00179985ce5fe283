#pragma once

#include <sys/wait.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace forklift::process {

/// The process returned from main or called exit; `code` is 0 to 255.
struct Exited {
    int code = 0;
    bool operator==(const Exited&) const = default;
};

/// A signal ended the process.
struct Signaled {
    int number = 0;
    bool core_dumped = false;
    bool operator==(const Signaled&) const = default;
};

using ExitStatus = std::variant<Exited, Signaled>;

/// Reads the status that waitid(2) filled in for an ended child.
ExitStatus to_exit_status(const siginfo_t& info);

bool is_success(const ExitStatus& status);

/// The signal's name as kill(1) knows it, "SIGTERM"; "signal 99" for a number without a name.
std::string signal_name(int number);

/// The number of a signal by its name, "SIGTERM" or "TERM"; nothing for a name that is not known.
std::optional<int> signal_number(std::string_view name);

/// The status in words: "exit status 3", "signal 11 (SIGSEGV), core dumped".
std::string describe(const ExitStatus& status);

}  // namespace forklift::process
