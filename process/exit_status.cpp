#include "process/exit_status.h"

#include <csignal>
#include <cstring>

namespace forklift::process {

ExitStatus to_exit_status(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return Exited{info.si_status};
    return Signaled{info.si_status, info.si_code == CLD_DUMPED};
}

bool is_success(const ExitStatus& status) { return status == ExitStatus(Exited{0}); }

std::string signal_name(int number) {
    if (const char* name = ::sigabbrev_np(number)) return std::string("SIG") + name;
    return "signal " + std::to_string(number);
}

std::optional<int> signal_number(std::string_view name) {
    if (name.starts_with("SIG")) name.remove_prefix(3);
    for (int number = 1; number < NSIG; ++number) {
        const char* known = ::sigabbrev_np(number);
        if (known && name == known) return number;
    }
    return std::nullopt;
}

std::string describe(const ExitStatus& status) {
    if (const auto* exited = std::get_if<Exited>(&status)) {
        return "exit status " + std::to_string(exited->code);
    }
    const auto& signaled = std::get<Signaled>(status);
    std::string text = "signal " + std::to_string(signaled.number);
    if (::sigabbrev_np(signaled.number)) text += " (" + signal_name(signaled.number) + ")";
    if (signaled.core_dumped) text += ", core dumped";
    return text;
}

}  // namespace forklift::process
