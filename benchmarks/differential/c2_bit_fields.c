/* Random fields, written and read back: prints every answer of bits.c. */
#include "bits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t number(void)
{
    return draw() % 3 ? draw() >> draw() % 64 : draw() % 2 ? ~(draw() >> draw() % 64) : draw() % 2;
}

static void once(int fields)
{
    unsigned char *bytes = (unsigned char *)"";
    struct bit_writer *writer = bit_writer_new();
    for (int i = 0; i < fields; i++) {
        unsigned width = draw() % 20 ? (unsigned)(draw() % 65) : (unsigned)(64 + draw() % 9);
        uint64_t value = number();
        if (draw() % 2)
            printf("w%d ", bit_write(writer, value, width));
        else
            printf("s%d ", bit_write_signed(writer, (int64_t)value, width));
    }
    if (draw() % 8 == 0) {
        bit_writer_drop(writer);
        bit_writer_drop(NULL);
        return;
    }
    size_t length = bit_writer_finish(writer, &bytes);
    printf("\n%zu %d ", length, bytes == NULL);
    unsigned char *own = malloc(length);
    if (length)
        memcpy(own, bytes, length);
    free(bytes);
    for (size_t i = 0; i < length; i++)
        printf("%02x", own[i]);
    struct bit_reader reader = {own, length, draw() % (8 * length + 1)};
    if (draw() % 2)
        reader.at = 0;
    for (int i = 0; i < fields + 5; i++) {
        unsigned width = draw() % 20 ? (unsigned)(draw() % 65) : (unsigned)(64 + draw() % 9);
        uint64_t value = 77;
        int64_t with_sign = 78;
        int back = 0;
        switch (draw() % 5) {
        case 0: back = bit_skip(&reader, draw() % 9 ? draw() % 70 : draw()); break;
        case 1: case 2: back = bit_read(&reader, width, &value); break;
        default: back = bit_read_signed(&reader, width, &with_sign);
        }
        printf(" %d:%llu:%lld:%zu", back, (unsigned long long)value, (long long)with_sign, reader.at);
    }
    printf("\n");
    free(own);
}

int main(int argc, char **argv)
{
    state = argc > 1 ? strtoull(argv[1], NULL, 10) | 1 : 1;
    for (int i = 0; i < 400; i++)
        once((int)(draw() % 12));
    once(20000);
    return 0;
}
