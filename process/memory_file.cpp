#include "process/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

namespace forklift::process {

namespace {

bool write_all(int fd, std::string_view bytes) {
    // pwrite leaves the offset at 0, where the child begins to read.
    for (off_t at = 0; !bytes.empty();) {
        const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), at);
        if (written < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        at += written;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

UniqueFd make_memory_file(std::string_view bytes, std::error_code& error) {
    constexpr int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    UniqueFd file(::memfd_create("event", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file || !write_all(file.get(), bytes) || ::fcntl(file.get(), F_ADD_SEALS, seals) != 0) {
        error.assign(errno, std::system_category());
        return {};
    }
    return file;
}

}  // namespace forklift::process
