// Runs the command that follows in a world where one system call fails: pidfd_open with EPERM, as
// under the seccomp filters of some container hosts, or sendmsg with ENOBUFS, as where the kernel's
// memory has run out.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace {

struct Call {
    unsigned number;
    unsigned error;
};

bool install_filter(const Call& call) {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call.number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | call.error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{sizeof program / sizeof program[0], program};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view name = argc > 2 ? argv[1] : "";
    Call call{};
    if (name == "pidfd_open") call = {SYS_pidfd_open, EPERM};
    if (name == "sendmsg") call = {SYS_sendmsg, ENOBUFS};
    if (call.number == 0 || !install_filter(call)) {
        std::perror("forbid_call");
        return 125;
    }
    if (::syscall(call.number, -1, nullptr, 0) != -1 || errno != static_cast<int>(call.error)) {
        std::fputs("forbid_call: the call still works\n", stderr);
        return 125;
    }
    ::execvp(argv[2], argv + 2);
    std::perror(argv[2]);
    return 126;
}
