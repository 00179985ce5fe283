// How an event best reaches a child's stdin: through a pipe, or as a sealed file in memory. Runs
// /bin/cat with each way in turn and prints the times and their ratios to the sealed file.
//
// stdin_ways [RUNS]    RUNS of each way and size (300).
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

// A stdin for one run, ready for the child.
struct input {
    int child_end;
    // What is still to be written while the child runs, and where to; -1 when nothing is.
    int write_end;
    const char* rest;
    size_t rest_length;
};

struct way {
    const char* name;
    struct input (*make)(const char* event, size_t length);
    // Events longer than this cannot go this way.
    size_t most;
};

static void write_all(int fd, const char* bytes, size_t length) {
    while (length > 0) {
        ssize_t count = write(fd, bytes, length);
        if (count < 0) err(1, "write");
        bytes += count;
        length -= (size_t)count;
    }
}

static struct input make_written_pipe(const char* event, size_t length) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) err(1, "pipe2");
    write_all(ends[1], event, length);
    close(ends[1]);
    return (struct input){ends[0], -1, NULL, 0};
}

static struct input make_polled_pipe(const char* event, size_t length) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) err(1, "pipe2");
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    return (struct input){ends[0], ends[1], event, length};
}

static int make_memory_file(const char* event, size_t length) {
    int fd = memfd_create("event", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) err(1, "memfd_create");
    write_all(fd, event, length);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static struct input make_file(const char* event, size_t length) {
    return (struct input){make_memory_file(event, length), -1, NULL, 0};
}

static struct input make_sealed_file(const char* event, size_t length) {
    int fd = make_memory_file(event, length);
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (fcntl(fd, F_ADD_SEALS, seals) != 0) err(1, "F_ADD_SEALS");
    return (struct input){fd, -1, NULL, 0};
}

// The first is what the others are compared with.
static const struct way ways[] = {
    {"sealed memfd", make_sealed_file, SIZE_MAX},
    {"memfd, not sealed", make_file, SIZE_MAX},
    {"pipe written before the spawn", make_written_pipe, 65536},
    {"pipe written by a poll loop", make_polled_pipe, SIZE_MAX},
};
enum { way_count = sizeof ways / sizeof ways[0] };

// Writes what the pipe takes, and closes it after the last byte.
static void feed(struct input* input) {
    ssize_t count = write(input->write_end, input->rest, input->rest_length);
    if (count < 0 && errno != EAGAIN) err(1, "write");
    if (count < 0) return;
    input->rest += count;
    input->rest_length -= (size_t)count;
    if (input->rest_length > 0) return;
    close(input->write_end);
    input->write_end = -1;
}

// Moves bytes until the child's stdout ends; returns how many came out of it. Every way goes
// through the same poll, so that only the stdin differs.
static size_t exchange(struct input* input, int out) {
    static char output[65536];
    size_t length = 0;
    for (;;) {
        struct pollfd ready[2] = {{out, POLLIN, 0}, {input->write_end, POLLOUT, 0}};
        if (poll(ready, 2, -1) < 0) err(1, "poll");
        if (ready[1].revents) feed(input);
        if (!ready[0].revents) continue;
        ssize_t count = read(out, output, sizeof output);
        if (count < 0) err(1, "read");
        if (count == 0) return length;
        length += (size_t)count;
    }
}

static void run(const struct way* way, const char* event, size_t length) {
    struct input input = way->make(event, length);
    int out[2];
    if (pipe2(out, O_CLOEXEC) != 0) err(1, "pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.child_end, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    char* argv[] = {"/bin/cat", NULL};
    pid_t pid = 0;
    errno = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
    if (errno != 0) err(1, "%s", argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    close(input.child_end);
    close(out[1]);
    if (exchange(&input, out[0]) != length) errx(1, "cat lost something");
    close(out[0]);
    if (waitpid(pid, NULL, 0) != pid) err(1, "waitpid");
}

static double microseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void* a, const void* b) {
    double x = *(const double*)a;
    double y = *(const double*)b;
    return (x > y) - (x < y);
}

// Runs every way in turn, as often as asked, and prints the medians.
static void measure(const char* event, size_t length, size_t runs) {
    double* times[way_count];
    for (size_t i = 0; i < way_count; ++i)
        if (!(times[i] = calloc(runs, sizeof(double)))) err(1, "calloc");
    for (size_t r = 0; r < runs; ++r) {
        for (size_t turn = 0; turn < way_count; ++turn) {
            // Each comes first in its turn.
            size_t i = (r + turn) % way_count;
            if (length > ways[i].most) continue;
            double start = microseconds_now();
            run(&ways[i], event, length);
            times[i][r] = microseconds_now() - start;
        }
    }
    printf("%zu bytes\n", length);
    for (size_t i = 0; i < way_count; ++i) qsort(times[i], runs, sizeof(double), compare);
    for (size_t i = 0; i < way_count; ++i) {
        if (length > ways[i].most) continue;
        double p50 = times[i][runs / 2];
        printf("  %-32s p50 %8.0f us   ratio %.3f\n", ways[i].name, p50, p50 / times[0][runs / 2]);
    }
    for (size_t i = 0; i < way_count; ++i) free(times[i]);
}

int main(int argc, char** argv) {
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
    if (runs == 0) {
        fprintf(stderr, "usage: stdin_ways [RUNS]\n");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    const size_t sizes[] = {1024, 65536, 6 * 1024 * 1024};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        char* event = malloc(sizes[i]);
        if (!event) err(1, "malloc");
        memset(event, 'x', sizes[i]);
        measure(event, sizes[i], runs);
        free(event);
    }
    return 0;
}
