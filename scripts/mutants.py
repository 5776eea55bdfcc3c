"""Changes the code in small ways and shows which changes no quick test notices.

`make mutants WHAT="sitegen/slug.py runner/models" N=20 SEED=1`: each word of WHAT is a
module, a folder, or a line (`sitegen/slug.py:46`: every change of it); of each of the
others N changes are tried. The changes are mutmut's, and SEED decides which. Each is
made in a copy of the checkout and judged by the quick test files that reach its line:
those that import the module and, where it survives these, all others. What a test file
reaches is measured once and kept in `.mutants/`; it is measured again after it, or a
module asked for, has changed.
"""

import argparse
import ast
import difflib
import hashlib
import json
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import islice, zip_longest
from pathlib import Path

import libcst
from coverage import CoverageData
from coverage.exceptions import CoverageException
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

ROOT = Path(__file__).parents[1]
REACHES = ROOT / ".mutants" / "reaches.json"
PACKAGES = ("harness_bench", "runner", "sitegen")
NOT_QUICK = "browser or jekyll or e2e or slow or real or llama"
_ALL_SLOW = re.compile(
    rf"^pytestmark = .*mark\.({NOT_QUICK.replace(' or ', '|')})", re.MULTILINE
)
NOT_COPIED = (".venv", ".git", ".mutants", ".hypothesis", "__pycache__", ".*_cache")
KILLED = "killed"
SURVIVED = "SURVIVED"
UNREACHED = "SURVIVED: no quick test reaches it"
OUT_OF_TIME = "OUT OF TIME"
"""It never ends, or the machine is busy: a person sees which."""
NO_TESTS = 5
"""The exit code of pytest."""
JOBS = min(2, os.cpu_count() or 1)
MEMORY_KB = 8_000_000
"""A change can make a loop that gathers without end."""
SWAPPED = {"any": "all", "all": "any", "min": "max", "max": "min"}
"""Changes of ours: whether one of many is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A module with one change in it."""

    module: str
    line: int
    kind: str
    """The name of the operator that makes the change."""
    tree: libcst.Module
    old: libcst.CSTNode
    new: libcst.CSTNode

    @property
    def place(self) -> str:
        """As editors open it."""
        return f"{self.module}:{self.line}"

    def code(self) -> str:
        """The whole module, changed."""
        changed = self.tree.deep_replace(self.old, self.new)
        return libcst.ensure_type(changed, libcst.Module).code

    def diff(self) -> str:
        """The change, as people read changes."""
        old, new = (
            text.splitlines(keepends=True) for text in (self.tree.code, self.code())
        )
        return "".join([*difflib.unified_diff(old, new, n=0)][3:])

    def is_a_program(self) -> bool:
        """Whether Python accepts it."""
        try:
            compile(self.code(), self.module, "exec")
        except SyntaxError:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the quick tests of one file reach."""

    digest: str
    """Of the test file, when it was measured."""
    seconds: float
    code: int | None
    """How pytest ended."""
    modules: Mapping[str, tuple[str, Sequence[int]]]
    """For each module reached, its digest and the lines."""


class _Changes(libcst.CSTVisitor):
    """Collects every change that mutmut would make, in decorated functions too."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, module: str) -> None:
        super().__init__()
        self._module = module
        self._wrapper = MetadataWrapper(
            libcst.parse_module((ROOT / module).read_text())
        )
        self.found: list[Mutant] = []
        self._wrapper.visit(self)

    def on_visit(self, node: libcst.CSTNode) -> bool:
        if isinstance(node, libcst.Annotation | libcst.Decorator | libcst.ImportFrom):
            return False  # mypy knows them better
        for of, operator in mutation_operators:
            if isinstance(node, of):
                for new in operator(node):
                    self._add(operator.__name__, node, new)
        if isinstance(node, libcst.Name) and node.value in SWAPPED:
            self._add("swapped", node, node.with_changes(value=SWAPPED[node.value]))
        return True

    def _add(self, kind: str, old: libcst.CSTNode, new: libcst.CSTNode) -> None:
        if not _says_the_same(old, new):
            where = self.get_metadata(PositionProvider, old)
            self.found.append(
                Mutant(
                    module=self._module,
                    line=where.start.line,
                    kind=kind,
                    tree=self._wrapper.module,
                    old=old,
                    new=new,
                )
            )


def _says_the_same(old: libcst.CSTNode, new: libcst.CSTNode) -> bool:
    """Whether a sentence keeps its words: tests ask for some of them, as they are."""
    if not isinstance(old, libcst.SimpleString) or not isinstance(
        new, libcst.SimpleString
    ):
        return False
    if old.value == '"utf-8"':
        return new.value == '"UTF-8"'
    return " " in old.value and ("XX" in new.value or new.value == new.value.lower())


def asked_for(words: Sequence[str], *, number: int, seed: int) -> list[Mutant]:
    """The changes to try: all of a line, `number` of each module or folder."""
    tried = []
    for word in words:
        path, _, line = word.partition(":")
        found = [one for module in modules(path) for one in _Changes(module).found]
        if line:
            tried += [one for one in found if one.line == int(line)]
        else:
            tried += drawn(found, number, random.Random(f"{path} {seed}"))  # noqa: S311
    return tried


def drawn(found: Iterable[Mutant], number: int, chance: random.Random) -> list[Mutant]:
    """Some of the changes: of every kind in turn, since most would be of two kinds."""
    kinds = defaultdict(list)
    for mutant in found:
        kinds[mutant.kind].append(mutant)
    for of_a_kind in kinds.values():
        chance.shuffle(of_a_kind)
    in_turn = (one for turn in zip_longest(*kinds.values()) for one in turn if one)
    return list(islice((one for one in in_turn if one.is_a_program()), number))


def modules(path: str) -> list[str]:
    """The modules that a module's or a folder's path means."""
    found = (
        [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).rglob("*.py"))
    )
    if not found or not all(file.is_file() for file in found):
        sys.exit(f"{path}: no module is there")
    return [file.relative_to(ROOT).as_posix() for file in found]


# --- what the tests of a file reach -----------------------------------------------


def quick_files() -> list[str]:
    """The test files that hold quick tests, as far as their marks tell."""
    return [
        path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob("tests/**/test_*.py"))
        if not _ALL_SLOW.search(path.read_text())
    ]


def imports(file: str, module: str) -> bool:
    """Whether a test file imports a module: of others it seldom asks much."""
    name = re.escape(".".join(Path(module).with_suffix("").parts))
    text = (ROOT / file).read_text()
    return re.search(rf"^(from|import) {name}\b", text, re.MULTILINE) is not None


def reaches(
    files: Sequence[str], asked: Iterable[str], copies: "Copies"
) -> Mapping[str, Reach]:
    """What each of these test files reaches, measured where it is not known yet."""
    known = {}
    if REACHES.exists():
        known = {
            file: Reach(**reach)
            for file, reach in json.loads(REACHES.read_text()).items()
        }
    digests = {module: digest(module) for module in asked}
    found = {
        file: known[file]
        for file in files
        if file in known
        and known[file].digest == digest(file)
        and all(
            was == digests.get(module, was)
            for module, (was, _) in known[file].modules.items()
        )
    }
    missing = sorted(set(files) - found.keys())
    with ThreadPoolExecutor(JOBS) as pool:
        measured = {pool.submit(measure, file, copies): file for file in missing}
        for number, done in enumerate(as_completed(measured), start=1):
            file = measured[done]
            found[file] = done.result()
            say(f"[{number}/{len(missing)}] {file} takes {found[file].seconds:.0f} s")
            REACHES.parent.mkdir(exist_ok=True)
            known[file] = found[file]
            REACHES.write_text(json.dumps({k: asdict(v) for k, v in known.items()}))
            if found[file].code not in {0, NO_TESTS}:
                say(f"{file} fails without any change: it judges none")
    return found


def measure(file: str, copies: "Copies") -> Reach:
    """Run the quick tests of a file and note which lines of ours they reach."""
    with copies.one() as folder:
        data = folder / ".coverage"
        settings = folder / ".coveragerc"
        settings.write_text(
            f"[run]\nsource = {','.join(PACKAGES)}\nrelative_files = true\n"
            f"data_file = {data}\nparallel = true\npatch = subprocess\n"
        )
        start = time.monotonic()
        code = copies.run(
            folder,
            ["-m", "coverage", "run", f"--rcfile={settings}", "-m", *pytest(file)],
            seconds=600,
        )
        seconds = time.monotonic() - start
        lines: dict[str, set[int]] = defaultdict(set)
        for part in folder.glob(".coverage.*"):
            reached = CoverageData(part)
            with suppress(CoverageException):  # half a file of a program killed early
                reached.read()
                for module in reached.measured_files():
                    lines[module] |= set(reached.lines(module) or ())
            part.unlink()
    return Reach(
        digest=digest(file, folder),
        seconds=seconds,
        code=code,
        modules={
            module: (digest(module, folder), sorted(numbers))
            for module, numbers in sorted(lines.items())
            if numbers
        },
    )


def digest(path: str, folder: Path = ROOT) -> str:
    """Of a file's bytes."""
    return hashlib.sha256((folder / path).read_bytes()).hexdigest()[:16]


def judges(mutant: Mutant, reached: Mapping[str, Reach]) -> list[str]:
    """The test files that reach a change, the quickest first."""
    by_line = defaultdict(list)
    able = [(reach.seconds, file, reach) for file, reach in reached.items()]
    for _, file, reach in sorted(able, key=lambda one: one[:2]):
        if reach.code != 0:
            continue  # without quick tests, or one that fails as it is
        for line in reach.modules.get(mutant.module, ("", ()))[1]:
            by_line[line].append(file)
    # Only some lines of a statement count as reached: the nearest one above.
    line = mutant.line
    while line > statement(mutant) and line not in by_line:
        line -= 1
    own = f"test_{Path(mutant.module).stem}"
    return sorted(by_line[line], key=lambda file: Path(file).stem != own)


def statement(mutant: Mutant) -> int:
    """The line on which the innermost statement around the change begins."""
    return max(
        node.lineno
        for node in ast.walk(ast.parse(mutant.tree.code))
        if isinstance(node, ast.stmt)
        and node.lineno <= mutant.line <= (node.end_lineno or node.lineno)
    )


# --- running ------------------------------------------------------------------------


class Copies:
    """Copies of the checkout to make changes in, one for each job at a time."""

    def __init__(self, folder: Path, patience: float) -> None:
        self.patience = patience
        """Seconds beyond five times what its tests take: then a change never ends."""
        self._free: queue.Queue[Path] = queue.Queue()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False
        for number in range(JOBS):
            copy = folder / str(number)
            shutil.copytree(
                ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED)
            )
            self._free.put(copy)

    @contextmanager
    def one(self) -> Iterator[Path]:
        """A copy that nobody else uses."""
        copy = self._free.get()
        try:
            yield copy
        finally:
            self._free.put(copy)

    def run(
        self, copy: Path, arguments: Sequence[str], *, seconds: float
    ) -> int | None:
        """The exit code of a Python that runs in a copy; None: it did not end."""
        process = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                f'ulimit -v {MEMORY_KB}; exec "$0" "$@"',
                sys.executable,
                *arguments,
            ],
            cwd=copy,
            env=os.environ
            | {
                "PYTHONPATH": str(copy),
                "PYTEST_ADDOPTS": f"--basetemp={copy}.tmp",
                "PYTHONDONTWRITEBYTECODE": "",  # compiling takes longer than a test
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._running.add(process)
        try:
            return process.wait(timeout=0.0 if self._ended else seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self._kill(process)
            self._running.discard(process)

    def end(self) -> None:
        """Kill what runs, and let nothing run from now on."""
        self._ended = True
        for process in list(self._running):
            self._kill(process)

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        """With all that it started: nobody else is in its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def pytest(*files: str) -> list[str]:
    """Arguments of Python that run the quick tests of these files."""
    quiet = ("-q", "-p", "no:cacheprovider", "--hypothesis-seed=1")
    return ["pytest", "-x", *quiet, "-m", f"not ({NOT_QUICK})", *files]


def judged(mutant: Mutant, reached: Mapping[str, Reach], copies: Copies) -> str:
    """What became of a change; it was killed where a test that reaches it fails."""
    files = judges(mutant, reached)
    if not files:
        return UNREACHED
    with copies.one() as copy:
        path = copy / mutant.module
        try:
            path.write_text(mutant.code())
            # Python believes compiled code of the same second and size.
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
                compiled.unlink()
            seconds = copies.patience + 5 * sum(reached[file].seconds for file in files)
            code = copies.run(copy, ["-m", *pytest(*files)], seconds=seconds)
        finally:
            path.write_text(mutant.tree.code)
    return OUT_OF_TIME if code is None else SURVIVED if code == 0 else KILLED


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="+")
    parser.add_argument("--number", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--patience",
        type=float,
        default=10,
        help="seconds beyond five times what its tests take, then it never ends",
    )
    given = parser.parse_args()
    tried = asked_for(given.what, number=given.number, seed=given.seed)
    # As after Ctrl-C, which a start in the background may have had ignored: the copies
    # go, and what runs in them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with tempfile.TemporaryDirectory(prefix="hb-mutants-") as folder:
        copies = Copies(Path(folder), given.patience)
        try:
            report(tried, outcomes(tried, copies))
        finally:
            copies.end()


def outcomes(tried: Sequence[Mutant], copies: Copies) -> Iterator[tuple[Mutant, str]]:
    """Each of the changes, and what became of it."""
    files = quick_files()
    asked = {mutant.module for mutant in tried}
    own = [file for file in files if any(imports(file, each) for each in asked)]
    left: list[Mutant] = []
    seen = set()
    for mutant, outcome in _outcomes(tried, own, copies):
        if outcome in {KILLED, OUT_OF_TIME}:
            yield mutant, outcome
            continue
        left.append(mutant)
        if outcome == SURVIVED:
            seen.add(id(mutant))
    others = sorted({*files} - {*own})
    for mutant, outcome in _outcomes(left, others, copies):
        yield (
            mutant,
            SURVIVED if id(mutant) in seen and outcome == UNREACHED else outcome,
        )


def _outcomes(
    tried: Sequence[Mutant], files: Sequence[str], copies: Copies
) -> Iterator[tuple[Mutant, str]]:
    """The same by some test files."""
    if not tried:
        return
    reached = reaches(files, {mutant.module for mutant in tried}, copies)
    with ThreadPoolExecutor(JOBS) as pool:
        found = {pool.submit(judged, one, reached, copies): one for one in tried}
        try:
            for done in as_completed(found):
                yield found[done], done.result()
        except BaseException:
            copies.end()  # else the pool would wait for what runs
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def report(tried: Sequence[Mutant], found: Iterable[tuple[Mutant, str]]) -> None:
    """Say how it goes, and print what survived."""
    survived = []
    for number, (mutant, outcome) in enumerate(found, start=1):
        say(f"[{number}/{len(tried)}] {mutant.place} {outcome}")
        if outcome != KILLED:
            survived.append((mutant.module, mutant.line, outcome, mutant.diff()))
    for module, line, outcome, diff in sorted(survived):
        print(f"\n{module}:{line} {outcome}\n{diff}", end="")
    late = sum(outcome == OUT_OF_TIME for _, _, outcome, _ in survived)
    ended = f", {late} ran out of time" if late else ""
    print(f"\n{len(survived) - late} of {len(tried)} changes survived{ended}")


def say(line: str) -> None:
    """Tell the person who waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
