#include "process/file.h"

#include <fcntl.h>
#include <sys/stat.h>

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

std::string read_plain_file(const std::string& path, std::size_t max_bytes,
                            std::error_code& error) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0) {
        error = last_error();
        return {};
    }
    if (!S_ISREG(info.st_mode)) {
        error = std::make_error_code(std::errc::invalid_argument);
        return {};
    }
    std::string bytes;
    const auto size = static_cast<std::size_t>(info.st_size);
    bytes.resize(size > max_bytes ? max_bytes + 1 : size);
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) error = last_error();
        if (count <= 0) break;
        filled += static_cast<std::size_t>(count);
    }
    bytes.resize(filled);
    return bytes;
}

std::string read_regular_file(const std::string& path, std::size_t max_bytes,
                              std::error_code& error) {
    error.clear();
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
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
    constexpr std::size_t step = 64 * 1024;
    std::string bytes;
    for (std::size_t filled = 0;;) {
        bytes.resize(filled + step);
        const ssize_t count = ::read(file.get(), bytes.data() + filled, step);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) error = last_error();
        if (count > 0) filled += static_cast<std::size_t>(count);
        if (filled > max_bytes) error = std::make_error_code(std::errc::file_too_large);
        if (error) return {};
        bytes.resize(filled);
        if (count == 0) return bytes;
    }
}

}  // namespace forklift::process
