#include "bench/wait.h"

#include <signal.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace forklift::bench {
namespace {

constexpr int held_signals[] = {SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t came = 0;

void note(int signal) { came = signal; }

timespec time_left(Clock::time_point give_up) {
    const auto left = give_up - Clock::now();
    if (left <= Clock::duration::zero()) throw std::runtime_error("nothing happened for too long");
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(left - whole);
    return {whole.count(), rest.count()};
}

}  // namespace

void hold_signals() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : held_signals) {
        struct sigaction action {};
        action.sa_handler = note;
        sigaction(signal, &action, nullptr);
        sigaddset(&held, signal);
    }
    sigprocmask(SIG_BLOCK, &held, nullptr);
}

void wait_for(std::vector<pollfd>& descriptors, Clock::time_point give_up) {
    sigset_t none;
    sigemptyset(&none);
    for (;;) {
        const timespec left = time_left(give_up);
        const int ready = ppoll(descriptors.data(), descriptors.size(), &left, &none);
        if (came != 0) throw Interrupted{came};
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "ppoll");
    }
}

}  // namespace forklift::bench
