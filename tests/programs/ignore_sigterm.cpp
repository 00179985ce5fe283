// Ignores SIGTERM and SIGINT and stays for a minute. With a file's name as its argument it makes
// that file when it is ready, with its pid in it.
#include <unistd.h>

#include <csignal>
#include <fstream>

int main(int argc, char** argv) {
    std::signal(SIGTERM, SIG_IGN);
    std::signal(SIGINT, SIG_IGN);
    if (argc > 1) std::ofstream(argv[1]) << ::getpid() << std::flush;
    ::sleep(60);
}
