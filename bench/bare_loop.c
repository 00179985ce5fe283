// The floor: the least that one process per event can cost. A Runtime API client of blocking
// sockets and posix_spawn, without a deadline, a log, a limit or a process group to look after.
//
// bare_loop [PROGRAM [ARGS...]]    PROGRAM is $_HANDLER when it is not given.
//
// Ends with 0 when the server closes the connection, and with 1 at the first thing that fails: what
// has to be survived is Forklift's business.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

// Bytes in memory that grows and is used again for the next event.
struct buffer {
    char* data;
    size_t length;
    size_t capacity;
};

// An HTTP message inside a buffer. The head ends with a NUL in place of its last line feed.
struct message {
    char* head;
    char* body;
    size_t body_length;
};

// Reads once from `fd` to the end of the buffer. Returns what read(2) does.
static ssize_t fill(int fd, struct buffer* buffer) {
    if (buffer->capacity - buffer->length < 65536) {
        buffer->capacity = 2 * buffer->capacity + 65536;
        buffer->data = realloc(buffer->data, buffer->capacity);
        if (!buffer->data) err(1, "realloc");
    }
    // One byte stays free for a NUL.
    ssize_t count = read(fd, buffer->data + buffer->length, buffer->capacity - buffer->length - 1);
    if (count < 0) err(1, "read");
    buffer->length += (size_t)count;
    return count;
}

static int connect_to(const char* address) {
    char host[64];
    int port = 0;
    if (sscanf(address, "%63[^:]:%d", host, &port) != 2)
        errx(1, "AWS_LAMBDA_RUNTIME_API is not HOST:PORT");
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    if (inet_pton(AF_INET, host, &server.sin_addr) != 1) errx(1, "not an address: %s", host);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) err(1, "socket");
    if (connect(fd, (struct sockaddr*)&server, sizeof server) != 0) err(1, "connect");
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

// Writes a head and a body, without copying them together.
static void send_message(int fd, const char* head, const char* body, size_t body_length) {
    struct iovec parts[2] = {{(void*)head, strlen(head)}, {(void*)body, body_length}};
    size_t first = 0;
    while (first < 2) {
        ssize_t count = writev(fd, parts + first, (int)(2 - first));
        if (count < 0) err(1, "writev");
        size_t sent = (size_t)count;
        while (first < 2 && sent >= parts[first].iov_len) sent -= parts[first++].iov_len;
        if (first < 2) {
            parts[first].iov_base = (char*)parts[first].iov_base + sent;
            parts[first].iov_len -= sent;
        }
    }
}

// Reads one answer, which must have a Content-Length. The message lives until the buffer is used
// again.
static struct message read_message(int fd, struct buffer* buffer) {
    buffer->length = 0;
    char* end = NULL;
    while (!end) {
        if (fill(fd, buffer) == 0) exit(0);
        buffer->data[buffer->length] = '\0';
        end = strstr(buffer->data, "\r\n\r\n");
    }
    size_t head_length = (size_t)(end - buffer->data) + 4;
    end[3] = '\0';
    const char* field = strcasestr(buffer->data, "\r\nContent-Length:");
    if (!field) errx(1, "an answer without Content-Length");
    size_t body_length = strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
    while (buffer->length < head_length + body_length)
        if (fill(fd, buffer) == 0) exit(0);
    return (struct message){buffer->data, buffer->data + head_length, body_length};
}

// Writes what the pipe takes of the event from `done` on; returns how much of it is written then.
static size_t feed(int pipe, const struct message* event, size_t done) {
    ssize_t count = write(pipe, event->body + done, event->body_length - done);
    if (count < 0 && errno != EAGAIN) err(1, "write");
    return count < 0 ? done : done + (size_t)count;
}

// Starts the program with these descriptors as its stdin and stdout. The parent's copies of them
// are closed.
static pid_t start(char** argv, int in, int out) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // Named, a signal costs one system call; of every other one glibc before 2.38 first asks what
    // is set, and a start takes 60 calls more.
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t pid = 0;
    errno = posix_spawn(&pid, argv[0], &actions, &attributes, argv, environ);
    if (errno != 0) err(1, "%s", argv[0]);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(in);
    close(out);
    return pid;
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

static void post(int fd, const char* address, const struct message* event,
                 const struct buffer* output) {
    const char* id = strcasestr(event->head, "\r\nLambda-Runtime-Aws-Request-Id:");
    if (!id) errx(1, "an event without an id");
    id += strlen("\r\nLambda-Runtime-Aws-Request-Id:");
    id += strspn(id, " ");
    char head[512];
    snprintf(head, sizeof head,
             "POST /2018-06-01/runtime/invocation/%.*s/response HTTP/1.1\r\nHost: %s\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             (int)strcspn(id, "\r"), id, address, output->length);
    send_message(fd, head, output->data, output->length);
}

int main(int argc, char** argv) {
    char* from_environment[] = {getenv("_HANDLER"), NULL};
    char** program = argc > 1 ? argv + 1 : from_environment;
    const char* address = getenv("AWS_LAMBDA_RUNTIME_API");
    if (!program[0] || !address) {
        fprintf(stderr, "usage: AWS_LAMBDA_RUNTIME_API=HOST:PORT bare_loop PROGRAM [ARGS...]\n");
        return 1;
    }
    char next[256];
    snprintf(next, sizeof next,
             "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", address);
    struct buffer input = {0};
    struct buffer output = {0};
    int fd = connect_to(address);
    for (;;) {
        send_message(fd, next, NULL, 0);
        struct message event = read_message(fd, &input);
        run(program, &event, &output);
        post(fd, address, &event, &output);
        read_message(fd, &input);
    }
}
