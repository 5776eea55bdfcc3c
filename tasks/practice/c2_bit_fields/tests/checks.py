"""Drives the library through a program built with sanitizers, beside bits in a text."""

import random

from grading import Report, candidate, equal

FLAGS = "-std=c99 -O1 -Wall -Wextra -Werror"
SANITIZED = "-g -fsanitize=address,undefined -fno-sanitize-recover=all"
DRIVER = r"""
#include "bits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One command a line; a result for each. Bytes are read from a heap block of their very
   size, so that a look beyond them is seen. */
int main(void)
{
    struct bit_writer *writer = bit_writer_new();
    struct bit_reader reader = {NULL, 0, 0};
    unsigned char *held = NULL;
    char word[16];

    while (scanf("%15s", word) == 1) {
        uint64_t value = 7777;
        int64_t number = -7777;
        unsigned width;
        if (strcmp(word, "w") == 0) {
            scanf("%" SCNu64 " %u", &value, &width);
            printf("%d\n", bit_write(writer, value, width));
        } else if (strcmp(word, "s") == 0) {
            scanf("%" SCNd64 " %u", &number, &width);
            printf("%d\n", bit_write_signed(writer, number, width));
        } else if (strcmp(word, "end") == 0) {
            unsigned char *bytes = (unsigned char *)word; /* has to be set */
            size_t length = bit_writer_finish(writer, &bytes);
            printf("%zu %d ", length, bytes == NULL);
            for (size_t i = 0; i < length; i++)
                printf("%02x", bytes[i]);
            printf("\n");
            free(held);
            held = malloc(length ? length : 1);
            memcpy(held, bytes ? bytes : held, length);
            free(bytes);
            reader.bytes = held;
            reader.length = length;
            reader.at = 0;
            writer = bit_writer_new();
        } else if (strcmp(word, "many") == 0) {
            scanf("%" SCNu64 " %u", &value, &width);
            for (uint64_t i = 0; i < value; i++)
                bit_write(writer, i, width);
            printf("done\n");
        } else if (strcmp(word, "sum") == 0) {
            uint64_t sum = 0;
            scanf("%u", &width);
            while (bit_read(&reader, width, &value) == 0)
                sum = sum * 31 + value;
            printf("%" PRIu64 "\n", sum);
        } else if (strcmp(word, "r") == 0) {
            scanf("%u", &width);
            int code = bit_read(&reader, width, &value);
            printf("%d %" PRIu64 " %zu\n", code, value, reader.at);
        } else if (strcmp(word, "i") == 0) {
            scanf("%u", &width);
            int code = bit_read_signed(&reader, width, &number);
            printf("%d %" PRId64 " %zu\n", code, number, reader.at);
        } else if (strcmp(word, "k") == 0) {
            scanf("%" SCNu64, &value);
            int code = bit_skip(&reader, value);
            printf("%d %zu\n", code, reader.at);
        } else if (strcmp(word, "at") == 0) {
            scanf("%zu", &reader.at);
            printf("ok\n");
        }
    }
    bit_writer_drop(writer);
    bit_writer_drop(NULL);
    /* A copy of one pointer, left in a register, would hide one leak and not these. */
    for (int i = 0; i < 16; i++)
        bit_writer_drop(bit_writer_new());
    free(held);
    return 0;
}
"""


def build():
    done = candidate(["sh", "-c", "cc %s -c -o /tmp/plain.o bits.c" % FLAGS], timeout=60)
    equal(done.exit, 0)
    script = "cat >/tmp/driver.c && cc -std=c99 -O1 -I. %s -o /tmp/driver /tmp/driver.c bits.c"
    equal(candidate(["sh", "-c", script % SANITIZED], input=DRIVER, timeout=60).exit, 0)


class Model:
    """What the library does, with the bits as a text."""

    def __init__(self):
        self.written, self.bits, self.at, self.said = "", "", 0, []

    def w(self, value, width):
        if width <= 64:
            self.written += format(value % 2**width, "0%db" % width) if width else ""
        self.said.append(str(0 if width <= 64 else -1))

    def s(self, value, width):
        fits = 1 <= width <= 64 and -(2 ** (width - 1)) <= value < 2 ** (width - 1)
        if fits:
            self.written += format(value % 2**width, "0%db" % width)
        self.said.append(str(0 if fits else -1))

    def end(self):
        whole = self.written + "0" * (-len(self.written) % 8)
        length = len(whole) // 8
        digits = int(whole, 2).to_bytes(length, "big").hex() if length else ""
        self.said.append("%d %d %s" % (length, not length, digits))
        self.bits, self.at, self.written = whole, 0, ""

    def r(self, width):
        code, value = -1, 7777
        if width <= 64 and self.at + width <= len(self.bits):
            code, value = 0, int("0" + self.bits[self.at : self.at + width], 2)
            self.at += width
        self.said.append("%d %d %d" % (code, value, self.at))

    def i(self, width):
        code, value = -1, -7777
        if 1 <= width <= 64 and self.at + width <= len(self.bits):
            code, value = 0, int(self.bits[self.at : self.at + width], 2)
            value -= 2**width if self.bits[self.at] == "1" else 0
            self.at += width
        self.said.append("%d %d %d" % (code, value, self.at))

    def k(self, bits):
        fits = self.at + bits <= len(self.bits)
        self.at += bits if fits else 0
        self.said.append("%d %d" % (0 if fits else -1, self.at))


def check(commands):
    model = Model()
    for name, *numbers in commands:
        getattr(model, name)(*numbers)
    text = "".join(" ".join(map(str, command)) + "\n" for command in commands)
    done = candidate(["/tmp/driver"], input=text)
    equal((done.exit, done.errors[:500]), (0, ""))
    equal(done.out.splitlines(), model.said)


TOP = 2**64 - 1
CASES = {
    "the example": [("w", 5, 3), ("w", 1, 6), ("end",)],
    "nothing written": [("end",), ("r", 0), ("r", 1), ("i", 1), ("k", 0), ("k", 1)],
    "a field of no bits": [("w", TOP, 0), ("end",), ("w", 1, 1), ("w", 9, 0), ("end",)],
    "all 64 bits": [("w", TOP, 64), ("w", 2**63 + 1, 64), ("end",), ("r", 64), ("r", 64)],
    "64 bits that begin inside a byte": [
        ("w", 1, 3),
        ("w", 0x0123456789ABCDEF, 64),
        ("w", TOP, 64),
        ("end",),
        ("r", 3),
        ("r", 64),
        ("r", 64),
        ("r", 5),
        ("r", 1),
    ],
    "higher bits mean nothing": [("w", TOP, 5), ("w", TOP - 1, 1), ("w", 2**40, 33), ("end",)],
    "too wide to write": [("w", 3, 2), ("w", 1, 65), ("w", 1, 4000000000), ("end",)],
    "too wide to read": [("w", 1, 64), ("w", 1, 64), ("end",), ("r", 65), ("i", 65), ("i", 0)],
    "the smallest and largest of each width": [
        each
        for width in (1, 2, 7, 8, 9, 31, 32, 33, 63, 64)
        for each in (
            ("s", -(2 ** (width - 1)), width),
            ("s", 2 ** (width - 1) - 1, width),
            ("end",),
            ("i", width),
            ("i", width),
        )
    ],
    "what does not fit": [
        *(("s", 2 ** (width - 1), width) for width in (1, 2, 8, 32, 63)),
        *(("s", -(2 ** (width - 1)) - 1, width) for width in (1, 2, 8, 32, 63)),
        ("s", 0, 0),
        ("s", 0, 65),
        ("s", -1, 12),
        ("end",),
    ],
    "minus one in every width": [
        *(("s", -1, width) for width in range(1, 65)),
        ("end",),
        *(("i", width) for width in range(1, 65)),
    ],
    "reading up to the end and not beyond": [
        ("w", 0xABC, 12),
        ("end",),
        ("r", 9),
        ("r", 8),
        ("i", 8),
        ("r", 7),
        ("r", 1),
        ("r", 0),
    ],
    "skipping": [
        ("w", 0xF0F1, 16),
        ("end",),
        ("k", 4),
        ("r", 4),
        ("k", 9),
        ("k", 2**64 - 1),
        ("k", 2**63),
        ("k", 8),
        ("k", 1),
    ],
}


def drawn(seed):
    chance = random.Random(seed)
    widths = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 56, 57, 63, 64, 65]
    commands = []
    for _ in range(4):
        for _ in range(60):
            width = chance.choice(widths)
            if chance.random() < 0.6:
                commands.append(("w", chance.getrandbits(64), width))
            else:
                size = chance.choice([1, 5, 8, 20, 40, 63])
                commands.append(("s", chance.getrandbits(size) - 2 ** (size - 1), width))
        commands.append(("end",))
        for _ in range(60):
            name = chance.choice("rrriik")
            width = chance.choice(widths)
            commands.append((name, width))
    return commands


with Report() as report:
    with report.test("compiles without a warning"):
        build()
    for name, commands in CASES.items():
        with report.test(name):
            check(commands)
    for seed in range(8):
        with report.test("five hundred commands drawn from seed %d" % seed):
            check(drawn(seed))
    with report.test("three hundred thousand fields, in good time"):
        # Half a second; a block that grows by the same amount each time would be copied
        # for more than a minute.
        given = "many 300000 37\nend\nsum 37\n"
        done = candidate(["sh", "-c", "ulimit -t 6; /tmp/driver | tail -n 1"], input=given, timeout=120)
        total = 0
        for number in range(300000):
            total = (total * 31 + number) % 2**64
        equal((done.exit, done.out), (0, "%d\n" % total))
