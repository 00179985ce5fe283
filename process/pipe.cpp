#include "process/pipe.h"

#include <fcntl.h>

#include <cerrno>

namespace forklift::process {

namespace {

constexpr int wide = 1024 * 1024;

Pipe make_pipe(UniqueFd Pipe::*ours, std::error_code& error) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        error.assign(errno, std::system_category());
        return {};
    }
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    if (::fcntl((pipe.*ours).get(), F_SETFL, O_NONBLOCK) != 0) {
        error.assign(errno, std::system_category());
        return {};
    }
    return pipe;
}

}  // namespace

Pipe make_output_pipe(std::error_code& error) { return make_pipe(&Pipe::read_end, error); }

Pipe make_input_pipe(std::error_code& error) { return make_pipe(&Pipe::write_end, error); }

void widen(const UniqueFd& end) { ::fcntl(end.get(), F_SETPIPE_SZ, wide); }

}  // namespace forklift::process
