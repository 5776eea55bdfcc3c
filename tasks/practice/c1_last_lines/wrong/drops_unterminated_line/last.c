/* last N: the last N lines of standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000000

struct line {
    char *bytes;
    size_t length, room;
};

/* The count, or -1 for anything else than the digits of 0 to MOST. */
static long parse_count(const char *text)
{
    long count = 0;

    if (*text == '\0')
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        count = count * 10 + (*text - '0');
        if (count > MOST)
            return -1;
    }
    return count;
}

static int append(struct line *line, int byte)
{
    if (line->length == line->room) {
        size_t room = line->room ? line->room * 2 : 64;
        char *bytes = realloc(line->bytes, room);

        if (!bytes)
            return 0;
        line->bytes = bytes;
        line->room = room;
    }
    line->bytes[line->length++] = (char)byte;
    return 1;
}

int main(int argc, char **argv)
{
    long count = argc == 2 ? parse_count(argv[1]) : -1;
    size_t seen = 0; /* lines that have begun */
    int byte, fresh = 1;

    if (count < 0) {
        fputs("usage: last N\n", stderr);
        return 2;
    }
    struct line *kept = calloc(count ? (size_t)count : 1, sizeof *kept);
    if (!kept)
        return 1;
    while ((byte = getchar()) != EOF) {
        if (count == 0)
            continue;
        if (fresh)
            kept[seen++ % (size_t)count].length = 0;
        if (!append(&kept[(seen - 1) % (size_t)count], byte))
            return 1;
        fresh = byte == '\n';
    }
    if (!fresh && seen)
        seen--; /* no line: it has no end */
    if (ferror(stdin))
        return 1;
    size_t first = seen > (size_t)count ? seen - (size_t)count : 0;
    for (size_t i = first; i < seen; i++) {
        const struct line *line = &kept[i % (size_t)count];

        if (fwrite(line->bytes, 1, line->length, stdout) != line->length)
            return 1;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
