#include "process/unique_fd.h"

#include <fcntl.h>

#include "process/pipe.h"
#include "tests/test.h"

using forklift::process::UniqueFd;

namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

}  // namespace

TEST_CASE("a descriptor has one owner and is closed once") {
    int number = -1;
    {
        UniqueFd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        number = first.get();
        UniqueFd second(std::move(first));
        CHECK_FALSE(first);
        CHECK(second.get() == number);
        UniqueFd third;
        third = std::move(second);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("an output pipe closes on exec and only its reader never blocks") {
    std::error_code error;
    const auto pipe = forklift::process::make_output_pipe(error);
    REQUIRE_FALSE(error);
    CHECK((::fcntl(pipe.read_end.get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(pipe.write_end.get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(pipe.read_end.get(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(pipe.write_end.get(), F_GETFL) & O_NONBLOCK) == 0);
}
