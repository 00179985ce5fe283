/* Answers each event with its length and its CRC-32, the checksum of gzip and PNG. A worker of
 * Forklift in the framing `lines`: a line in, a line out, until stdin ends. */

#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static uint32_t crc_of_byte[256];

static void fill_table(void) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        crc_of_byte[byte] = crc;
    }
}

static uint32_t crc32_of(const char* text, size_t length) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < length; ++i) {
        crc = crc_of_byte[(crc ^ (unsigned char)text[i]) & 0xFF] ^ crc >> 8;
    }
    return ~crc;
}

static void answer(const char* event, size_t length) {
    if (length == 0) {
        fputs("{\"errorType\":\"EmptyEvent\",\"errorMessage\":\"there is nothing to sum up\"}\n",
              stdout);
        return;
    }
    printf("{\"bytes\":%zu,\"crc32\":\"%08" PRIx32 "\"}\n", length, crc32_of(event, length));
}

int main(void) {
    fill_table();

    char* line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) != -1) {
        if (line[length - 1] != '\n') {
            fputs("worker: stdin ended inside a line\n", stderr);
            return 1;
        }
        answer(line, (size_t)length - 1);
        /* Forklift waits for the whole line, and stdout to a pipe would keep it back. */
        if (fflush(stdout) != 0) {
            perror("worker: stdout");
            return 1;
        }
    }
    if (ferror(stdin)) {
        perror("worker: stdin");
        return 1;
    }
    free(line);
    return 0;
}
