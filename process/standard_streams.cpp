#include "process/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace forklift::process {

void fill_standard_streams() {
    int fd = ::open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO) fd = ::dup(fd);
    if (fd >= 0) ::close(fd);
}

}  // namespace forklift::process
