// The floor of worker mode: the least that a process which stays can cost. A Runtime API client of
// blocking sockets and one child behind two pipes, which reads a line for each event and writes
// one. Nothing is checked, timed or replaced.
//
// bare_pipe_loop [PROGRAM [ARGS...]]    PROGRAM is $_HANDLER when it is not given.
//
// Ends with 0 when the server closes the connection, and with 1 at the first thing that fails: what
// has to be survived is Forklift's business.
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <unistd.h>

#include "bench/bare_http.h"
#include "bench/bare_spawn.h"

// A program behind two pipes.
struct worker {
    int in;
    int out;
};

static struct worker start_worker(char** argv) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) err(1, "pipe2");
    start(argv, in[0], out[1]);
    return (struct worker){in[1], out[0]};
}

// Writes the event and a line feed, which goes where the message has a byte free. The worker reads
// all of it before it writes, so neither waits for the other.
static void write_line(int fd, const struct message* event) {
    event->body[event->body_length] = '\n';
    size_t length = event->body_length + 1;
    for (size_t done = 0; done < length;) {
        ssize_t count = write(fd, event->body + done, length - done);
        if (count < 0) err(1, "write");
        done += (size_t)count;
    }
}

// Reads one line into `output`, without its line feed. Nothing can follow it: the worker has not
// been asked for more.
static void read_line(int fd, struct buffer* output) {
    output->length = 0;
    do {
        if (fill(fd, output) == 0) errx(1, "the worker has ended");
    } while (output->data[output->length - 1] != '\n');
    --output->length;
}

int main(int argc, char** argv) {
    (void)argc;
    struct worker worker = start_worker(find_program(argv));
    struct runtime_api api = connect_to_lambda();
    struct buffer output = {0};
    for (;;) {
        struct message event = next_event(&api);
        write_line(worker.in, &event);
        read_line(worker.out, &output);
        post_answer(&api, &event, output.data, output.length);
    }
}
