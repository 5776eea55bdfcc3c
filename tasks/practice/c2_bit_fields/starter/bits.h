/* Bit fields in a row of bytes, the most significant bit of each byte first. */
#ifndef BITS_H
#define BITS_H

#include <stddef.h>
#include <stdint.h>

struct bit_writer;

struct bit_writer *bit_writer_new(void);
int bit_write(struct bit_writer *writer, uint64_t value, unsigned width);
int bit_write_signed(struct bit_writer *writer, int64_t value, unsigned width);
size_t bit_writer_finish(struct bit_writer *writer, unsigned char **bytes);
void bit_writer_drop(struct bit_writer *writer);

struct bit_reader {
    const unsigned char *bytes;
    size_t length; /* in bytes */
    size_t at;     /* in bits, from the beginning */
};

int bit_read(struct bit_reader *reader, unsigned width, uint64_t *value);
int bit_read_signed(struct bit_reader *reader, unsigned width, int64_t *value);
int bit_skip(struct bit_reader *reader, uint64_t bits);

#endif
