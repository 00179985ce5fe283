// Runs the command that follows in a world where pidfd_open(2) fails with EPERM, as under the
// seccomp filters of some container hosts.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>

namespace {

bool install_filter() {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{sizeof program / sizeof program[0], program};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || !install_filter()) {
        std::perror("forbid_pidfd");
        return 125;
    }
    if (::syscall(SYS_pidfd_open, ::getpid(), 0) != -1 || errno != EPERM) {
        std::fputs("forbid_pidfd: pidfd_open still works\n", stderr);
        return 125;
    }
    ::execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    return 126;
}
