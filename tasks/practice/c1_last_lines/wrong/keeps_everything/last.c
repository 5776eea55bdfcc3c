/* last N: the last N lines of standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    size_t length = 0, room = 1 << 16, start;
    char *all = malloc(room);
    int byte;

    if (argc != 2 || !*argv[1] || strspn(argv[1], "0123456789") != strlen(argv[1]) ||
        strlen(argv[1]) > 7 || atol(argv[1]) > 1000000) {
        fputs("usage: last N\n", stderr);
        return 2;
    }
    if (!all)
        return 1;
    while ((byte = getchar()) != EOF) {
        if (length == room) {
            char *more = realloc(all, room *= 2);
            if (!more)
                return 1;
            all = more;
        }
        all[length++] = (char)byte;
    }
    if (ferror(stdin))
        return 1;
    start = length;
    for (long left = atol(argv[1]); left > 0 && start > 0; left--) {
        start--;
        while (start > 0 && all[start - 1] != '\n')
            start--;
    }
    if (fwrite(all + start, 1, length - start, stdout) != length - start)
        return 1;
    return fflush(stdout) == 0 ? 0 : 1;
}
