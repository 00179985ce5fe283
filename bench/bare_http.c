#define _GNU_SOURCE
#include "bench/bare_http.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t fill(int fd, struct buffer* buffer) {
    if (buffer->capacity - buffer->length < 65536) {
        buffer->capacity = 2 * buffer->capacity + 65536;
        buffer->data = realloc(buffer->data, buffer->capacity);
        if (!buffer->data) err(1, "realloc");
    }
    ssize_t count = read(fd, buffer->data + buffer->length, buffer->capacity - buffer->length - 1);
    if (count < 0) err(1, "read");
    buffer->length += (size_t)count;
    return count;
}

struct runtime_api connect_to_lambda(void) {
    const char* address = getenv("AWS_LAMBDA_RUNTIME_API");
    char host[64];
    int port = 0;
    if (!address || sscanf(address, "%63[^:]:%d", host, &port) != 2)
        errx(1, "AWS_LAMBDA_RUNTIME_API is not HOST:PORT");
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    if (inet_pton(AF_INET, host, &server.sin_addr) != 1) errx(1, "not an address: %s", host);
    struct runtime_api api = {.address = address};
    api.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (api.fd < 0) err(1, "socket");
    if (connect(api.fd, (struct sockaddr*)&server, sizeof server) != 0) err(1, "connect");
    int on = 1;
    setsockopt(api.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    snprintf(api.next, sizeof api.next,
             "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", address);
    return api;
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

struct message next_event(struct runtime_api* api) {
    send_message(api->fd, api->next, NULL, 0);
    return read_message(api->fd, &api->input);
}

void post_answer(struct runtime_api* api, const struct message* event, const char* body,
                 size_t length) {
    const char* id = strcasestr(event->head, "\r\nLambda-Runtime-Aws-Request-Id:");
    if (!id) errx(1, "an event without an id");
    id += strlen("\r\nLambda-Runtime-Aws-Request-Id:");
    id += strspn(id, " ");
    char head[512];
    snprintf(head, sizeof head,
             "POST /2018-06-01/runtime/invocation/%.*s/response HTTP/1.1\r\nHost: %s\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             (int)strcspn(id, "\r"), id, api->address, length);
    send_message(api->fd, head, body, length);
    read_message(api->fd, &api->input);
}
