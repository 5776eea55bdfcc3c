"""Whether the tests of the practice tasks notice small changes of the solutions.

The changes are universalmutator's, SEED decides which; what does not build is no answer
and is left out. Whether a change can be noticed is decided by `differential/`: random
questions, written for each task beside its tests and without a look at them. Each
change is then graded as a wrong answer, by `harness-bench tasks check`.

    .venv/bin/python benchmarks/practice_mutants.py [--number 200] [--seed 1] [TASK...]
"""

import argparse
import ast
import difflib
import os
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from runner.sandboxes.interpreter import interpreter  # noqa: E402 - as below
from runner.sandboxes.toolchains import place  # noqa: E402 - as below
from runner.tasks import Task, read_packs  # noqa: E402 - found through the line above

UV = str(Path(sys.executable).parent / "uv")
GENERATOR = (UV, "tool", "run", "--from", "universalmutator==1.14.1", "mutate")
ASK = ROOT / "benchmarks/differential"
PACK = ROOT / "tasks/practice"
SEEDS = ("1",)
C = "-O1 -Wall -Wextra -Werror"
SANE = "-g -O1 -fsanitize=address,undefined"
BUILDS = {
    "c1_last_lines": f"cc -std=c99 {C} -o last last.c",
    "c2_bit_fields": f"cc -std=c99 {C} -c bits.c"
    f" && cc -std=c99 {SANE} -I. -o ask bits.c {ASK}/c2_bit_fields.c",
    "cpp1_slot_map": f"c++ -std=c++17 {C} {SANE} -I. -o ask {ASK}/cpp1_slot_map.cpp",
    "cpp2_drawing_history": f"c++ -std=c++17 {C} -o draw src/*.cpp",
} | {
    task: f"rustc --edition 2021 -C debug-assertions -C opt-level=1 --crate-type lib"
    f" --crate-name {crate} src/lib.rs && rustc --edition 2021"
    f" --extern {crate}=lib{crate}.rlib -o ask {ASK}/{task}.rs"
    for task, crate in (("rs1_span_map", "span_map"), ("rs2_frame_reader", "frames"))
}
CPU_S = 12
"""Solutions take two seconds at most; those with a toolchain of Python ten."""
OUT_OF_TIME = "out of time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A small change of a solution."""

    task: Task
    name: str
    file: str
    text: str
    answers: list[str] = field(default_factory=list)
    """What it says to the random questions."""

    def shown(self) -> str:
        """The changed lines."""
        before = (self.task.solution / self.file).read_text().splitlines()
        lines = difflib.unified_diff(before, self.text.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def changes(task: Task, draw: random.Random, scratch: Path) -> list[Change]:
    """All changes of a task's solution, in a random order."""
    found = []
    for path in sorted(each for each in task.solution.rglob("*") if each.is_file()):
        made = Path(tempfile.mkdtemp(dir=scratch))
        command = [*GENERATOR, str(path), "--noCheck", "--mutantDir", str(made)]
        subprocess.run(command, check=True, capture_output=True, cwd=made)
        before = meaning(path.read_text())
        texts = {each.read_text() for each in made.glob("*.mutant.*")}
        file = path.relative_to(task.solution).as_posix()
        found += [
            Change(task=task, name="", file=file, text=text)
            for text in sorted(texts)
            if path.suffix != ".py" or meaning(text) not in (before, "")
        ]
    draw.shuffle(found)
    return found


def meaning(text: str) -> str:
    """A Python program without its docstrings; empty: it is none."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(value=None)
    return ast.dump(tree)


def laid_out(change: Change, folder: Path) -> Path:
    """A workspace with the changed solution."""
    shutil.copytree(change.task.starter, folder)
    shutil.copytree(change.task.solution, folder, dirs_exist_ok=True)
    (folder / change.file).write_text(change.text)
    return folder


def builds(change: Change, folder: Path) -> bool:
    """Whether a changed solution is a program at all."""
    if command := BUILDS.get(change.task.name):
        return not subprocess.run(
            ["/bin/sh", "-c", command],
            check=False,
            cwd=folder,
            capture_output=True,
        ).returncode
    if not change.file.endswith(".sql"):
        return True
    connection = sqlite3.connect(":memory:")
    connection.executescript((folder / "schema.sql").read_text())
    names = dict.fromkeys(re.findall(r":(\w+)", change.text), "2026-03-01")
    try:
        connection.execute(f"EXPLAIN {change.text}", names)
    except (sqlite3.Error, sqlite3.Warning):
        return False
    return True


def asked(change: Change, folder: Path) -> list[str]:
    """What it says to the random questions, seed by seed."""
    libraries = [
        str(next((place(each) / "lib").glob("python*/site-packages")))
        for each in change.task.toolchains
        if each.lock is not None
    ]
    sanitized = change.task.name in {"c2_bit_fields", "cpp1_slot_map"}
    seconds = CPU_S * (4 if libraries else 1)
    return [
        _said(
            [str(interpreter().source), str(ASK / "ask.py"), change.task.name, seed],
            folder,
            {"PYTHONPATH": ":".join(libraries)},
            None if sanitized else 12_000_000_000,
            seconds,
        )
        for seed in SEEDS
    ]


def _said(
    command: Sequence[str],
    folder: Path,
    more: dict[str, str],
    memory: int | None,
    seconds: int,
) -> str:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    environment = (
        os.environ
        | more
        | {
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "JAX_PLATFORMS": "cpu",
            "ASAN_OPTIONS": "hard_rss_limit_mb=2000",
        }
    )
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=20 * seconds,
            check=False,
            preexec_fn=limited,
        )
    except subprocess.TimeoutExpired:
        return OUT_OF_TIME
    return f"{done.stdout.decode(errors='replace')}\nends with {done.returncode}"


def same(one: str, other: str) -> bool:
    """Whether two answers are the same, numbers within their tolerance."""
    lines, others = one.splitlines(), other.splitlines()
    return len(lines) == len(others) and all(
        a == b or (a[:1] == b[:1] == "~" and _near(a, b))
        for a, b in zip(lines, others, strict=True)
    )


def _near(one: str, other: str) -> bool:
    _, tolerance, one = one.split(" ", 2)
    other = other.split(" ", 2)[2]
    a, b = (
        [float(n) for n in text.strip("[]").split(",") if n] for text in (one, other)
    )
    if len(a) != len(b):
        return False
    most = max([0.1, *(abs(n) for n in a if abs(n) < float("inf"))])
    return all(
        x == y or (x != x and y != y) or abs(x - y) <= float(tolerance) * most  # noqa: PLR0124 - NaN
        for x, y in zip(a, b, strict=True)
    )


def drawn(
    task: Task, number: int, seed: int, scratch: Path
) -> tuple[list[Change], int]:
    """Changes that build, with what they say; and how many do not build."""
    found: list[Change] = []
    failed = 0
    for change in changes(task, random.Random(f"{seed} {task.name}"), scratch):  # noqa: S311 - no secret
        if len(found) == number:
            break
        folder = laid_out(change, Path(tempfile.mkdtemp(dir=scratch)) / "w")
        if builds(change, folder):
            name = f"m{len(found) + 1:03}"
            own = Change(task=task, name=name, file=change.file, text=change.text)
            own.answers.extend(asked(own, folder))
            found.append(own)
        else:
            failed += 1
        shutil.rmtree(folder.parent)
    return found, failed


def solution_says(task: Task, scratch: Path) -> list[str]:
    """What the solution says, twice the same."""
    file = next(each for each in sorted(task.solution.rglob("*")) if each.is_file())
    whole = Change(
        task=task,
        name="solution",
        file=file.relative_to(task.solution).as_posix(),
        text=file.read_text(),
    )
    folder = laid_out(whole, Path(tempfile.mkdtemp(dir=scratch)) / "w")
    if not builds(whole, folder):
        raise SystemExit(f"{task.name}: the solution does not build")
    first, again = asked(whole, folder), asked(whole, folder)
    if any(not same(*pair) for pair in zip(first, again, strict=True)):
        raise SystemExit(f"{task.name}: the solution says now this, now that")
    if any(not each.endswith("ends with 0") for each in first):
        raise SystemExit(f"{task.name}: {first[0][-500:]}")
    return first


def passing(task: Task, found: Iterable[Change], scratch: Path) -> set[str]:
    """The names of those that the task's own tests let pass."""
    pack = scratch / "packs" / task.name
    shutil.copytree(PACK, pack, ignore=lambda _, names: [n for n in names if "_" in n])
    own = pack / task.name
    shutil.copytree(PACK / task.name, own, ignore=shutil.ignore_patterns("wrong"))
    about = own / "task.toml"
    about.write_text(about.read_text().partition("\n[wrong]")[0] + "\n")
    for change in found:
        folder = own / "wrong" / change.name
        shutil.copytree(task.solution, folder)
        (folder / change.file).write_text(change.text)
    program = str(Path(sys.executable).parent / "harness-bench")
    command = [program, "tasks", "check", "--repeats", "1", str(pack)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT
    )
    said = done.stdout + done.stderr
    if "/solution: " in said:
        raise SystemExit(said)
    return set(re.findall(r"/wrong/(m\d+): (?:passes|gets no verdict)", said))


def main() -> None:
    """Draw, ask, grade, and print a table and what got through."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("tasks", nargs="*")
    options = parser.parse_args()
    tasks = read_packs([PACK])
    numbers = [len(range(i, options.number, len(tasks))) for i in range(len(tasks))]

    def one(task: Task, number: int) -> tuple[str, list[int]]:
        with tempfile.TemporaryDirectory() as made:
            scratch = Path(made)
            right = solution_says(task, scratch)
            found, failed = drawn(task, number, options.seed, scratch)
            passed = passing(task, found, scratch)
        told, counts = "", [failed, len(found), 0, 0, 0, 0]
        for change in found:
            differs = not all(map(same, right, change.answers))
            rejected = change.name not in passed
            counts[2] += differs
            counts[3] += differs and rejected
            counts[4] += not differs and rejected
            if differs != rejected:
                what = "GOT THROUGH" if differs else "rejected, and not told apart"
                told += f"{what}: {task.name} {change.file}\n{change.shown()}\n"
            elif not differs:
                told += f"same: {task.name} {change.file}\n{change.shown()}\n"
        return told, counts

    asked_for = [
        (task, number)
        for task, number in zip(tasks, numbers, strict=True)
        if not options.tasks or task.name in options.tasks
    ]
    print(
        "| task | do not build | changes | change behaviour | of these rejected"
        " | others rejected |"
    )
    print("|---|---|---|---|---|---|")
    totals, texts = [0] * 5, []
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda each: one(*each), asked_for)
        for (task, _), (told, counts) in zip(asked_for, results, strict=True):
            print(f"| `{task.name}` |", *(f"{n} |" for n in counts[:5]), flush=True)
            totals = [a + b for a, b in zip(totals, counts[:5], strict=True)]
            texts.append(told)
            print(told, file=sys.stderr, flush=True)
    print("| all |", *(f"{n} |" for n in totals))


if __name__ == "__main__":
    main()
