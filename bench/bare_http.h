// The Runtime API for the bare loops: blocking sockets, and nothing that a client could do without.
// Whatever fails ends the process: with 0 when the server has closed the connection, else with 1.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// Bytes in memory that grows and is used again for the next event.
struct buffer {
    char* data;
    size_t length;
    size_t capacity;
};

// Reads once from `fd` to the end of the buffer, which keeps a byte free behind it. Returns what
// read(2) does.
ssize_t fill(int fd, struct buffer* buffer);

// An HTTP message inside a buffer. The head ends with a NUL in place of its last line feed; the
// byte behind the body is free.
struct message {
    char* head;
    char* body;
    size_t body_length;
};

// A connection to the Runtime API.
struct runtime_api {
    int fd;
    const char* address;
    // The request for an event.
    char next[256];
    struct buffer input;
};

// Connects to $AWS_LAMBDA_RUNTIME_API.
struct runtime_api connect_to_lambda(void);

// Waits for an event. It lives until its answer is posted.
struct message next_event(struct runtime_api* api);

// Posts the answer to an event, and waits until it is accepted.
void post_answer(struct runtime_api* api, const struct message* event, const char* body,
                 size_t length);
