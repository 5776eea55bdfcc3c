#include "bits.h"

#include <stdlib.h>

/* A first try: fields of whole bytes only, and nothing is ever given back. */

struct bit_writer {
    unsigned char bytes[64];
    size_t used;
};

struct bit_writer *bit_writer_new(void)
{
    return calloc(1, sizeof(struct bit_writer));
}

int bit_write(struct bit_writer *writer, uint64_t value, unsigned width)
{
    while (width >= 8) {
        width -= 8;
        writer->bytes[writer->used++] = (unsigned char)(value >> width);
    }
    return 0;
}

int bit_write_signed(struct bit_writer *writer, int64_t value, unsigned width)
{
    return bit_write(writer, (uint64_t)value, width);
}

size_t bit_writer_finish(struct bit_writer *writer, unsigned char **bytes)
{
    *bytes = writer->bytes;
    return writer->used;
}

void bit_writer_drop(struct bit_writer *writer)
{
    (void)writer;
}

int bit_read(struct bit_reader *reader, unsigned width, uint64_t *value)
{
    *value = 0;
    for (; width >= 8; width -= 8, reader->at += 8)
        *value = *value << 8 | reader->bytes[reader->at / 8];
    return 0;
}

int bit_read_signed(struct bit_reader *reader, unsigned width, int64_t *value)
{
    return bit_read(reader, width, (uint64_t *)value);
}

int bit_skip(struct bit_reader *reader, uint64_t bits)
{
    reader->at += bits;
    return 0;
}
