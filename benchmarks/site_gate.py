"""What the gate costs, and what killed builds leave.

50 MB of private text in 1,000 files, and a site of 10 MB: index, index from the cache,
search. Then builds between two sites of 400 files are killed at random moments, and the
folder is mended each time.

    .venv/bin/python -m benchmarks.site_gate [MEGABYTES [KILLS]]
"""

import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from sitegen.gate.machine import Machine
from sitegen.gate.private_text import PrivateText, sources
from sitegen.gate.public import Public
from sitegen.gate.search import Gate
from sitegen.publish import MANIFEST, STAGING, mend, plan, publish, stage

T = TypeVar("T")

FILES = 400
PROGRAM = """
import sys
from pathlib import Path
from benchmarks.site_gate import SITES
from sitegen.publish import publish
while True:
    for site in SITES:
        print("go", flush=True)
        publish(site, Path(sys.argv[1]))
"""
HOST = {".git/HEAD": b"ref: refs/heads/main\n", "CNAME": b"example.org\n"}


def _site(version: int) -> Mapping[str, bytes]:
    return {
        f"{number % 7}/{number}{'.html' if number % 2 else '.js'}": (
            f"{version if number % 3 else 0} of {number}".encode() * 500
        )
        for number in range(version, FILES + version)
    }


SITES = (_site(1), _site(5))


def main() -> None:
    """Measure, and print tables in Markdown."""
    given = [int(each) for each in sys.argv[1:]]
    megabytes, kills = (*given, *(50, 100)[len(given) :])
    with tempfile.TemporaryDirectory() as name:
        cost(Path(name), megabytes)
    with tempfile.TemporaryDirectory() as name:
        killed(Path(name), kills)


def cost(folder: Path, megabytes: int) -> None:
    """Print what index and search take."""
    draw = random.Random(1)  # noqa: S311 - no secret is made
    known = [
        "".join(draw.choices("etaoinshrdlu", k=draw.randint(2, 9)))
        for _ in range(20_000)
    ]

    def text(size: int) -> str:
        lines = (" ".join(draw.choices(known, k=12)) for _ in range(size // 80))
        return "\n".join(lines)

    private = folder / "private"
    private.mkdir()
    for number in range(1000):
        (private / f"{number}.txt").write_text(text(megabytes * 1000))
    size = sum(each.stat().st_size for each in private.iterdir())
    site = {
        f"{number}.html": "".join(
            f'<td data-x="{draw.random():.4f}">{draw.choice(known)}</td>'
            for _ in range(2000)
        ).encode()
        for number in range(megabytes * 4)
    }
    print(f"{size / 1e6:.0f} MB of private text in 1,000 files\n")
    print("| step | s | peak memory of the process, MB |")
    print("|---|---|---|")
    files = sources([private], without=frozenset())
    cache = folder / "cache" / "gate.npz"
    timed("index, nothing cached", lambda: PrivateText(files, cache=cache))
    found = timed("index, all cached", lambda: PrivateText(files, cache=cache))
    gate = Gate(found, Machine({}, names={}), Public([]))
    whole = sum(map(len, site.values())) / 1e6
    timed(f"search of a site of {whole:.0f} MB", lambda: gate.check(site))
    print(f"\nThe cache takes {cache.stat().st_size / 1e6:.0f} MB on disk.")


def timed(what: str, work: Callable[[], T]) -> T:
    """Do it, and print a row."""
    begun = time.perf_counter()
    result = work()
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"| {what} | {took:.1f} | {peak:.0f} |")
    return result


def killed(folder: Path, kills: int) -> None:
    """Kill builds, and print what they left and what it was mended to."""
    draw = random.Random(2)  # noqa: S311 - no secret is made
    (folder / ".git").mkdir()
    for path, content in HOST.items():
        (folder / path).write_bytes(content)
    publish(SITES[0], folder)
    begun = time.perf_counter()
    publish(SITES[1], folder)
    whole_s = time.perf_counter() - begun
    for _ in stage(plan(SITES[0], folder)):
        pass
    begun = time.perf_counter()
    mend(folder)
    renames_s = time.perf_counter() - begun
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for _ in range(kills):
        command = [sys.executable, "-c", PROGRAM, str(folder)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(draw.uniform(0, 2.5 * whole_s))
            process.send_signal(signal.SIGKILL)
        before[what_is_in(folder)] += 1
        mend(folder)
        after[what_is_in(folder)] += 1
    print(
        f"\n{kills} kills of builds of {FILES} files, {1000 * whole_s:.0f} ms each, "
        f"of which renaming {1000 * renames_s:.0f} ms\n"
    )
    print("| | a whole site | some of each | something else |")
    print("|---|---|---|---|")
    for when, found in (("after the kill", before), ("mended", after)):
        print(f"| {when} | {found['whole']} | {found['mixed']} | {found['other']} |")


def what_is_in(folder: Path) -> str:
    """Whether the folder holds one of the sites, beside what the host keeps there."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and STAGING not in path.parts and path.name != MANIFEST
    }
    if any(found == {**site, **HOST} for site in SITES):
        return "whole"
    known = {*SITES[0].items(), *SITES[1].items(), *HOST.items()}
    return (
        "mixed" if found.items() <= known and HOST.items() <= found.items() else "other"
    )


if __name__ == "__main__":
    main()
