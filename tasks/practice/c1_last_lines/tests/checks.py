"""Builds `last.c` where the candidate is, feeds it, compares every byte."""

from grading import Report, candidate, equal

BUILD = ["cc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-o", "last", "last.c"]
FORTY = b"".join(b"%d\n" % number for number in range(1, 41))

CASES = {
    # name: (count, input, output)
    "some of many lines": (7, FORTY, FORTY[-21:]),
    "exactly as many lines as there are": (40, FORTY, FORTY),
    "one line fewer than there are": (39, FORTY, FORTY[2:]),
    "more lines than there are": (41, FORTY, FORTY),
    "a thousand times as many": (50000, FORTY, FORTY),
    "the largest count": (1000000, FORTY, FORTY),
    "the last line": (1, FORTY, b"40\n"),
    "no line": (0, FORTY, b""),
    "empty input": (5, b"", b""),
    "a last line without a newline": (2, b"alpha\nbeta\ngamma", b"beta\ngamma"),
    "only a line without a newline": (1, b"alpha\nbeta\ngamma", b"gamma"),
    "one line without a newline": (3, b"no newline at all", b"no newline at all"),
    "empty lines": (3, b"\n\n\n\n", b"\n\n\n"),
    "an empty line at the end": (2, b"a\n\nb\n\n", b"b\n\n"),
    "NUL bytes": (2, b"x\0y\n\0\nz\0\0w\n", b"\0\nz\0\0w\n"),
    "bytes that are no text": (2, b"\xff\xfe\r\n\xc3\n", b"\xff\xfe\r\n\xc3\n"),
    "a line of 255 bytes": (
        2,
        b"head\n" + b"b" * 255 + b"\ntail\n",
        b"b" * 255 + b"\ntail\n",
    ),
    "a line of 300000 bytes": (
        4,
        FORTY + b"c" * 300000 + b"\n1\n2\n3\n",
        b"c" * 300000 + b"\n1\n2\n3\n",
    ),
    "long lines taking turns with short ones": (
        2,
        b"d" * 70000 + b"\nshort\n" + b"\0" * 70000,
        b"short\n" + b"\0" * 70000,
    ),
    "a short line where a long one was": (1, b"a long line\nb\n", b"b\n"),
}
REFUSED = {
    "no argument": [],
    "two arguments": ["1", "2"],
    "a word": ["ten"],
    "an empty count": [""],
    "a sign": ["+3"],
    "a negative count": ["-1"],
    "a number with a tail": ["3x"],
    "a blank before the number": [" 3"],
    "more than a million": ["1000001"],
    "more than any integer": ["99999999999999999999"],
}


def shell(script):
    return candidate(["sh", "-c", script])


with Report() as report:
    with report.test("compiles without a warning"):
        equal(candidate(BUILD, timeout=30).exit, 0)
    for name, (count, given, printed) in CASES.items():
        with report.test(name):
            done = candidate(["./last", str(count)], input=given)
            equal((done.exit, done.raw), (0, printed))
    for name, arguments in REFUSED.items():
        with report.test("refuses " + name):
            done = candidate(["./last", *arguments], input=FORTY)
            equal((done.exit, done.raw, done.errors), (2, b"", "usage: last N\n"))
    with report.test("little memory for a long stream"):
        done = shell("ulimit -v 12000; seq 1 2000000 | ./last 3")
        equal((done.exit, done.out), (0, "1999998\n1999999\n2000000\n"))
    with report.test("says when it cannot read"):
        done = shell("./last 1 <.")
        equal((done.exit, done.out), (1, ""))
    with report.test("says when it cannot write"):
        equal(shell("echo text | ./last 1 >/dev/full").exit, 1)
