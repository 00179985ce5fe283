// Answers and ends with 0 at once, but leaves a process behind that holds stdout and stderr for a
// minute: in the same process group, or after "setsid" as an argument in a session of its own. A
// second argument names a file to write that process's pid to.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>

int main(int argc, char** argv) {
    const bool leave_group = argc > 1 && std::string(argv[1]) == "setsid";
    int ready[2];
    if (::pipe(ready) != 0) return 1;
    if (::fork() == 0) {
        if (leave_group) ::setsid();
        std::signal(SIGTERM, SIG_IGN);
        if (argc > 2) std::ofstream(argv[2]) << ::getpid() << std::flush;
        if (::write(ready[1], "", 1) == 1) ::sleep(60);
        return 0;
    }
    char byte;
    if (::read(ready[0], &byte, 1) != 1) return 1;
    std::puts("\"answered\"");
}
