#include "local/event_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "local/usage_error.h"
#include "process/unique_fd.h"
#include "protocol/limits.h"

namespace forklift::local {

namespace {

[[noreturn]] void cannot_read(const std::string& name) {
    throw UsageError(fmt::format("{}: cannot read the event: {}", name, std::strerror(errno)));
}

/// Reads to the end, or one byte more than Lambda takes.
std::string read_up_to_limit(int fd, const std::string& name) {
    constexpr std::size_t step = 64 * 1024;
    std::string bytes;
    for (std::size_t filled = 0;;) {
        bytes.resize(filled + step);
        const ssize_t count = ::read(fd, bytes.data() + filled, step);
        if (count < 0 && errno != EINTR) cannot_read(name);
        if (count > 0) filled += static_cast<std::size_t>(count);
        bytes.resize(filled);
        if (count == 0 || filled > protocol::max_request_bytes) return bytes;
    }
}

std::string read_unchecked(const std::string& event) {
    if (event == "-") return read_up_to_limit(STDIN_FILENO, "stdin");
    if (!event.starts_with('@')) return event;
    const std::string name = event.substr(1);
    const process::UniqueFd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) cannot_read(name);
    return read_up_to_limit(file.get(), name);
}

}  // namespace

std::string read_event(const std::string& event) {
    std::string bytes = read_unchecked(event);
    if (bytes.size() <= protocol::max_request_bytes) return bytes;
    throw UsageError(fmt::format("the event has more than {} bytes, and Lambda takes no more",
                                 protocol::max_request_bytes));
}

}  // namespace forklift::local
