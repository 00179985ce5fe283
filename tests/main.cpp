// Catch2 2 would take over SIGTERM, SIGINT and the signal stack around every test. The tests stop
// programs by signals, so the framework keeps its hands off.
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#define CATCH_CONFIG_RUNNER
#include <csignal>

#include "tests/test.h"

int main(int argc, char** argv) {
    // A test that writes to a program which is gone gets EPIPE, not a signal.
    std::signal(SIGPIPE, SIG_IGN);
    return Catch::Session().run(argc, argv);
}
