#include "bits.h"

#include <stdlib.h>

struct bit_writer {
    unsigned char *bytes;
    size_t used; /* bytes with at least one bit */
    size_t room;
    unsigned bits; /* in the last byte; 0: it is full, or there is none */
};

struct bit_writer *bit_writer_new(void)
{
    return calloc(1, sizeof(struct bit_writer));
}

static int make_room(struct bit_writer *writer, unsigned width)
{
    size_t needed = writer->used + width / 8 + 2;

    if (needed > writer->room) {
        size_t room = 2 * needed;
        unsigned char *bytes = realloc(writer->bytes, room);
        if (bytes == NULL)
            return -1;
        writer->bytes = bytes;
        writer->room = room;
    }
    return 0;
}

int bit_write(struct bit_writer *writer, uint64_t value, unsigned width)
{
    if (width > 64 || make_room(writer, width) != 0)
        return -1;
    if (width > 0 && writer->bits > 0 && (value >> (width - 1)) > 1)
        writer->bytes[writer->used - 1] |= 1u << (8 - writer->bits);
    while (width > 0) {
        width--;
        if (writer->bits == 0)
            writer->bytes[writer->used++] = 0;
        if ((value >> width) & 1)
            writer->bytes[writer->used - 1] |= (unsigned char)(0x80u >> writer->bits);
        writer->bits = (writer->bits + 1) % 8;
    }
    return 0;
}

int bit_write_signed(struct bit_writer *writer, int64_t value, unsigned width)
{
    if (width == 0 || width > 64)
        return -1;
    if (width < 64) {
        int64_t limit = (int64_t)1 << (width - 1);
        if (value < -limit || value >= limit)
            return -1;
    }
    return bit_write(writer, (uint64_t)value, width);
}

size_t bit_writer_finish(struct bit_writer *writer, unsigned char **bytes)
{
    size_t used = writer->used;

    if (used == 0) {
        free(writer->bytes);
        writer->bytes = NULL;
    }
    *bytes = writer->bytes;
    free(writer);
    return used;
}

void bit_writer_drop(struct bit_writer *writer)
{
    if (writer != NULL) {
        free(writer->bytes);
        free(writer);
    }
}

static uint64_t left(const struct bit_reader *reader)
{
    return (uint64_t)reader->length * 8 - reader->at;
}

int bit_read(struct bit_reader *reader, unsigned width, uint64_t *value)
{
    uint64_t found = 0;

    if (width > 64 || width > left(reader))
        return -1;
    for (unsigned i = 0; i < width; i++) {
        size_t at = reader->at + i;
        found = found << 1 | ((reader->bytes[at / 8] >> (7 - at % 8)) & 1);
    }
    reader->at += width;
    *value = found;
    return 0;
}

int bit_read_signed(struct bit_reader *reader, unsigned width, int64_t *value)
{
    uint64_t found;

    if (width == 0 || bit_read(reader, width, &found) != 0)
        return -1;
    if (width < 64 && (found >> (width - 1)) & 1)
        found |= UINT64_MAX << width;
    if (found <= INT64_MAX)
        *value = (int64_t)found;
    else
        *value = -(int64_t)(UINT64_MAX - found) - 1;
    return 0;
}

int bit_skip(struct bit_reader *reader, uint64_t bits)
{
    if (bits > left(reader))
        return -1;
    reader->at += (size_t)bits;
    return 0;
}
