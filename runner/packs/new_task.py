"""A small but whole task to start from: what `harness-bench tasks new` writes."""

from pathlib import Path

from harness_bench.errors import Problem, TaskError, refused
from runner.packs.canary import plant
from runner.tasks import read_packs

_FILES = {
    "task.toml": """\
[task]
title = "Lines that are longer than a limit"
language = "python"
category = "text"
difficulty = "easy"
tools = ["python3"]

[limits]
agent_s = 900
grader_s = 60

[wrong]
at_least = "Lines as long as the limit are counted."
counts_bytes = "The bytes of a line are counted, not its characters."
forgets_the_last = "A last line without a newline is not counted."
knows_the_example = "It prints the number of the example."
""",
    "instruction.md": """\
`python3 longer.py N` reads lines from standard input, and prints how many of them have
more than N characters. The newline is no character of a line. A last line without a
newline counts as well. Input is UTF-8.

    $ printf 'one\\nthree\\n' | python3 longer.py 3
    1
""",
    "starter/longer.py": "import sys\n\nprint(0)\n",
    "solution/longer.py": """\
import sys

limit = int(sys.argv[1])
text = sys.stdin.buffer.read().decode("utf-8")
print(sum(len(line) > limit for line in text.split("\\n")))
""",
    "wrong/at_least/longer.py": """\
import sys

text = sys.stdin.buffer.read().decode("utf-8")
print(sum(len(line) >= int(sys.argv[1]) for line in text.split("\\n")))
""",
    "wrong/counts_bytes/longer.py": """\
import sys

text = sys.stdin.buffer.read()
print(sum(len(line) > int(sys.argv[1]) for line in text.split(b"\\n")))
""",
    "wrong/forgets_the_last/longer.py": """\
import sys

text = sys.stdin.buffer.read().decode("utf-8")
print(sum(len(line) > int(sys.argv[1]) for line in text.split("\\n")[:-1]))
""",
    "wrong/knows_the_example/longer.py": "print(1)\n",
    "tests/test.sh": "#!/bin/sh\nexec python3 checks.py\n",
    "tests/checks.py": '''\
"""Compares counts with those of a reference, on given and on drawn texts."""

import random

from grading import Report, candidate, equal

CASES = {
    "nothing at all": (0, ""),
    "only newlines": (0, "\\n\\n"),
    "exactly as long": (4, "four\\nfive5\\n"),
    "no newline at the end": (2, "ab\\nabc"),
    "characters of several bytes": (3, "äöü\\näöüß\\n"),
}


def counted(limit, text):
    number = 0
    for line in text.split("\\n"):
        number += 1 if len(line) > limit else 0
    return number


def check(limit, text):
    done = candidate(["python3", "longer.py", str(limit)], input=text)
    equal((done.exit, done.out), (0, "%d\\n" % counted(limit, text)))


with Report() as report:
    for name, case in CASES.items():
        with report.test(name):
            check(*case)
    for seed in range(5):
        with report.test("a text drawn from seed %d" % seed):
            chance = random.Random(seed)
            check(chance.randint(0, 5), "".join(chance.choices("aé\\n", k=60)))
''',
}


def write_task(folder: Path) -> Path:
    """Write the task; returns its folder.

    Raises:
        TaskError: There is something already, or it cannot be written.
    """
    if folder.exists():
        raise TaskError(Problem(str(folder), "exists", "name another one"))
    try:
        for name, text in _FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TaskError(refused(folder, "written", error)) from error
    for task in read_packs([folder.parent]):
        if task.name == folder.name:
            plant(task)
    return folder
