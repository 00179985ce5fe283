#include "process/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "process/unique_fd.h"

namespace forklift::process {

namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

}  // namespace

std::error_code write_file(const std::string& path, std::string_view bytes) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return last_error();
    while (!bytes.empty()) {
        const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) return last_error();
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

namespace {

constexpr std::size_t step = 4096;

/// The bytes of a regular file, but no more than `max_bytes` and one of it.
std::string read_from(const UniqueFd& file, std::size_t max_bytes, std::error_code& error) {
    error.clear();
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0) {
        error = last_error();
        return {};
    }
    if (!S_ISREG(info.st_mode)) {
        error = std::make_error_code(std::errc::invalid_argument);
        return {};
    }
    // Whatever its size is said to be: files of /proc have none.
    const auto size = static_cast<std::size_t>(info.st_size);
    std::string bytes;
    for (std::size_t filled = 0; filled <= max_bytes;) {
        bytes.resize(std::min(std::max(size, filled) + step, max_bytes + 1));
        const ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) error = last_error();
        if (count > 0) filled += static_cast<std::size_t>(count);
        bytes.resize(filled);
        if (count <= 0) break;
    }
    return bytes;
}

}  // namespace

std::string read_regular_file(const std::string& path, std::size_t max_bytes,
                              std::error_code& error) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::string bytes = read_from(file, max_bytes, error);
    // What open(2) says of a socket, and of a device that is not there.
    if (error == std::errc::no_such_device_or_address)
        error = std::make_error_code(std::errc::invalid_argument);
    if (bytes.size() <= max_bytes) return bytes;
    error = std::make_error_code(std::errc::file_too_large);
    return {};
}

std::string read_plain_file(const std::string& path, std::size_t max_bytes,
                            std::error_code& error) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    return read_from(file, max_bytes, error);
}

}  // namespace forklift::process
