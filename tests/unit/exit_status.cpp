#include "process/exit_status.h"

#include <csignal>

#include "tests/test.h"

using namespace forklift::process;

namespace {

siginfo_t ended(int code, int status) {
    siginfo_t info{};
    info.si_code = code;
    info.si_status = status;
    return info;
}

}  // namespace

TEST_CASE("an exit code and a signal of the same number are two things") {
    CHECK(to_exit_status(ended(CLD_EXITED, 9)) == ExitStatus(Exited{9}));
    CHECK(to_exit_status(ended(CLD_KILLED, 9)) == ExitStatus(Signaled{9, false}));
    CHECK(to_exit_status(ended(CLD_DUMPED, 11)) == ExitStatus(Signaled{11, true}));
}

TEST_CASE("only exit code 0 is success") {
    CHECK(is_success(Exited{0}));
    CHECK_FALSE(is_success(Exited{1}));
    CHECK_FALSE(is_success(Exited{255}));
    CHECK_FALSE(is_success(Signaled{0, false}));
}

TEST_CASE("an exit status in words") {
    CHECK(describe(Exited{3}) == "exit status 3");
    CHECK(describe(Signaled{SIGSEGV, true}) == "signal 11 (SIGSEGV), core dumped");
    CHECK(describe(Signaled{SIGTERM, false}) == "signal 15 (SIGTERM)");
    CHECK(signal_name(SIGKILL) == "SIGKILL");
    CHECK(signal_name(99) == "signal 99");
}
