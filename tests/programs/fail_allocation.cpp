// A library to be preloaded (ld.so(8)): one allocation of the program fails. Which one, is counted
// from the last connection that the program has accepted: the first after FAIL_ALLOCATION
// connections or, with FAIL_ALLOCATION=each, one more after each further connection, so that in
// time every allocation on the way of a request has failed once. Programs that this one starts are
// left alone.
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

bool each = false;
/// Allocations that succeed before the one that fails; negative for no end of them.
long first = -1;
long left = -1;
unsigned long accepted = 0;

__attribute__((constructor)) void read_options() {
    if (const char* option = ::getenv("FAIL_ALLOCATION")) {
        each = std::strcmp(option, "each") == 0;
        if (!each) first = std::atol(option);
    }
    ::unsetenv("LD_PRELOAD");
    ::unsetenv("FAIL_ALLOCATION");
}

bool fails() {
    if (left < 0 || left-- > 0) return false;
    errno = ENOMEM;
    return true;
}

void count_connection() {
    if (each)
        left = static_cast<long>(accepted);
    else if (accepted == 0)
        left = first;
    ++accepted;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) { return fails() ? nullptr : __libc_malloc(size); }

void* calloc(std::size_t count, std::size_t size) {
    return fails() ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
    return fails() ? nullptr : __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return fails() ? nullptr : __libc_memalign(alignment, size);
}

int accept(int listener, sockaddr* address, socklen_t* length) {
    // The libraries of the system may not be called by this name any more.
    const int socket = ::accept4(listener, address, length, 0);
    if (socket >= 0) count_connection();
    return socket;
}
}
