#include "local/answer.h"

#include <fmt/format.h>

#include <cctype>
#include <cstring>

#include "protocol/json.h"
#include "protocol/limits.h"

namespace forklift::local {

namespace {

/// The signal as Go's runtime, which Lambda is written in, names it: "killed", "I/O possible".
std::string signal_text(int number) {
    const char* known = ::sigdescr_np(number);
    if (!known) return fmt::format("signal {}", number);
    std::string text = known;
    const bool is_acronym = text.size() > 1 && !std::islower(static_cast<unsigned char>(text[1]));
    if (!is_acronym) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

}  // namespace

Answer error_answer(std::string_view type, std::string_view message) {
    Answer answer;
    answer.error_type = type;
    answer.payload =
        protocol::JsonObject().text("errorType", type).text("errorMessage", message).finish();
    return answer;
}

std::string exit_text(const process::ExitStatus& status) {
    if (process::is_success(status)) return "Runtime exited without providing a reason";
    if (const auto* exited = std::get_if<process::Exited>(&status)) {
        return fmt::format("Runtime exited with error: exit status {}", exited->code);
    }
    const auto& signaled = std::get<process::Signaled>(status);
    return fmt::format("Runtime exited with error: signal: {}{}", signal_text(signaled.number),
                       signaled.core_dumped ? " (core dumped)" : "");
}

Answer exit_error(std::string_view request_id, const process::ExitStatus& status) {
    return error_answer("Runtime.ExitError",
                        fmt::format("RequestId: {} Error: {}", request_id, exit_text(status)));
}

std::string timeout_text(std::chrono::milliseconds timeout) {
    return fmt::format("Task timed out after {:.2f} seconds",
                       static_cast<double>(timeout.count()) / 1000);
}

Answer timeout_error(std::string_view request_id, std::chrono::milliseconds timeout) {
    return error_answer("Sandbox.Timedout",
                        fmt::format("RequestId: {} Error: {}", request_id, timeout_text(timeout)));
}

Answer too_large_error(std::uint64_t size) {
    return error_answer("Function.ResponseSizeTooLarge",
                        fmt::format("Response payload size ({} bytes) exceeded maximum allowed "
                                    "payload size ({} bytes).",
                                    size, protocol::max_response_bytes));
}

}  // namespace forklift::local
