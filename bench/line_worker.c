// The function that worker mode is measured with: writes every line back as it came, so that the
// time is that of the way there and back.
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

// The line that is arriving; the memory is used again for the next one.
struct line {
    char* data;
    size_t length;
    size_t capacity;
};

// Reads one line with its line feed. 0 at the end of stdin, else 1. A line is asked for by the
// answer to the one before it, so that the last byte that has arrived tells whether it is complete.
static int read_line(struct line* line) {
    line->length = 0;
    do {
        if (line->length == line->capacity) {
            line->capacity = 2 * line->capacity + 65536;
            line->data = realloc(line->data, line->capacity);
            if (!line->data) err(1, "realloc");
        }
        ssize_t count =
            read(STDIN_FILENO, line->data + line->length, line->capacity - line->length);
        if (count < 0) err(1, "read");
        if (count == 0) return 0;
        line->length += (size_t)count;
    } while (line->data[line->length - 1] != '\n');
    return 1;
}

static void write_line(const struct line* line) {
    for (size_t done = 0; done < line->length;) {
        ssize_t count = write(STDOUT_FILENO, line->data + done, line->length - done);
        if (count < 0) err(1, "write");
        done += (size_t)count;
    }
}

int main(void) {
    struct line line = {0};
    while (read_line(&line)) write_line(&line);
    return 0;
}
