// The floor of fork mode: the least that one process per event can cost. A Runtime API client of
// blocking sockets and posix_spawn, without a deadline, a log, a limit or a process group to look
// after.
//
// bare_loop [PROGRAM [ARGS...]]    PROGRAM is $_HANDLER when it is not given.
//
// Ends with 0 when the server closes the connection, and with 1 at the first thing that fails: what
// has to be survived is Forklift's business.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bare_http.h"
#include "bench/bare_spawn.h"

// Writes what the pipe takes of the event from `done` on; returns how much of it is written then.
static size_t feed(int pipe, const struct message* event, size_t done) {
    ssize_t count = write(pipe, event->body + done, event->body_length - done);
    if (count < 0 && errno != EAGAIN) err(1, "write");
    return count < 0 ? done : done + (size_t)count;
}

// Runs the program to its end: the event on its stdin, its stdout into `output`. Most events fit
// into the pipe before the program starts, and then nothing is left to poll for.
static void run(char** argv, const struct message* event, struct buffer* output) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) err(1, "pipe2");
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    size_t written = feed(in[1], event, 0);
    pid_t pid = start(argv, in[0], out[1]);

    output->length = 0;
    while (written < event->body_length) {
        struct pollfd ready[2] = {{in[1], POLLOUT, 0}, {out[0], POLLIN, 0}};
        if (poll(ready, 2, -1) < 0) err(1, "poll");
        if (ready[0].revents) written = feed(in[1], event, written);
        if (ready[1].revents) fill(out[0], output);
    }
    close(in[1]);
    while (fill(out[0], output) > 0) continue;
    close(out[0]);
    int status = 0;
    if (waitpid(pid, &status, 0) != pid) err(1, "waitpid");
    if (status != 0) errx(1, "the program failed");
}

int main(int argc, char** argv) {
    (void)argc;
    char** program = find_program(argv);
    struct runtime_api api = connect_to_lambda();
    struct buffer output = {0};
    for (;;) {
        struct message event = next_event(&api);
        run(program, &event, &output);
        post_answer(&api, &event, output.data, output.length);
    }
}
