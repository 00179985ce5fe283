#include "process/pipe.h"

#include <fcntl.h>

#include <cerrno>

namespace forklift::process {

Pipe make_output_pipe(std::error_code& error) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        error.assign(errno, std::system_category());
        return {};
    }
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    if (::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) {
        error.assign(errno, std::system_category());
        return {};
    }
    return pipe;
}

}  // namespace forklift::process
