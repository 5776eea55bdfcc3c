/* last N: the last N lines of standard input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    int count = atoi(argv[1]);
    char (*kept)[256] = malloc(count * sizeof *kept);
    char line[256];
    long seen = 0;

    while (fgets(line, sizeof line, stdin))
        strcpy(kept[seen++ % count], line);
    for (long i = seen > count ? seen - count : 0; i < seen; i++)
        fputs(kept[i % count], stdout);
    return 0;
}
