"""The gate of a site: what is private around it, and what its author makes public."""

import hashlib
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness_bench import readings
from harness_bench.cache import cache_folder
from sitegen.gate.machine import Machine, names_here
from sitegen.gate.private_text import PrivateText, sources
from sitegen.gate.public import Public, allowed, declared, names_in
from sitegen.gate.search import HASH, Gate
from sitegen.inputs import Inputs

REPORT = "gate-report.txt"
"""Beside the results, which are as private as what it says."""

LEDGER = "ledger"
"""In a folder of results: a run left it, with its traces."""
_SHORTEST_TASK = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A gate, and what there is to say about it."""

    gate: Gate
    files: int
    """So many private files are searched for."""
    warnings: tuple[str, ...]
    verdicts: Path
    """Where `remember` keeps hashes of what the gate has let pass."""

    def remember(self) -> None:
        """Spare the next build the search of what is the same then."""
        found = b"".join(sorted(self.gate.passed))
        new = self.verdicts.with_name(f"{self.verdicts.name}.{os.getpid()}.new")
        with suppress(OSError):
            if self.verdicts.exists() and self.verdicts.read_bytes() == found:
                return
            new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.touch(mode=0o600)
            new.write_bytes(found)
            new.replace(self.verdicts)


def gate_around(
    inputs: Inputs,
    results: Sequence[Path],
    *,
    out: Path,
    shipped: Iterable[bytes],
    clean: set[bytes] | None = None,
) -> Around:
    """The gate for a site of these inputs.

    Args:
        inputs: Of the site.
        results: The files of results; where a run wrote one, its folder is private.
        out: The folder of the site: what is there is no source.
        shipped: Files of ours.
        clean: What such a gate has found to hold nothing, and shall find again; None:
            what the last one remembered.

    Raises:
        SettingsError: The allow file is none.
    """
    publish = inputs.settings.publish
    runs = [each.parent for each in results if (each.parent / LEDGER).is_dir()]
    # A run writes its public names beside its results; a site reads the first run's.
    beside = (REPORT, "models.csv", "harnesses.csv", "tasks.csv")
    own = {
        *inputs.files,
        out,
        *(each.with_name(name) for each in results for name in beside),
    }
    if publish.allow is not None:
        own.add(publish.allow)
    folders = [*publish.private, *runs]
    files = sources(folders, without=frozenset(each.resolve() for each in own))
    rules = _rules()
    private = PrivateText(files, cache=_cache(folders), rules=rules)
    plain = publish.task_ids == "plain"
    may = [] if publish.allow is None else allowed(publish.allow)
    texts = [*declared(files), *may]
    named = names_in(inputs.records, tasks=plain)
    shipped = list(shipped)
    texts += [each.decode("utf-8", "replace") for each in shipped]
    here = [Path.home(), Path.cwd(), out.parent, *folders, *(p.parent for p in results)]
    machine = Machine(
        os.environ,
        folders=[each.absolute() for each in here],
        names=names_here() | _telling_tasks(inputs),
        public=" ".join([inputs.settings.site.base_url, *sorted(named), *may]),
    )
    public = Public([*named, *texts])
    verdicts = _cache([*folders, out]).with_suffix(".clean")
    clean = _remembered(verdicts) if clean is None else clean
    gate = Gate(private, machine, public, shipped=shipped, clean=clean, rules=rules)
    return Around(
        gate=gate,
        files=len(files),
        warnings=tuple(_warnings(private, folders)),
        verdicts=verdicts,
    )


def _remembered(verdicts: Path) -> set[bytes]:
    found = b""
    with suppress(OSError):
        found = verdicts.read_bytes()
    return {found[at : at + HASH] for at in range(0, len(found), HASH)}


def _rules() -> str:
    """Changes with the code that searches."""
    code = hashlib.sha256(sys.version.encode())
    for path in (Path(readings.__file__), *sorted(Path(__file__).parent.glob("*.py"))):
        code.update(path.read_bytes())
    return code.hexdigest()


def _linked(folders: Sequence[Path]) -> Iterable[str]:
    """Links to folders that are in none of these: they may lead to anything."""
    read = [each.resolve() for each in folders]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_symlink() and path.is_dir():
                target = path.resolve()
                if not any(target.is_relative_to(each) for each in read):
                    yield f"{folder.name}/{path.relative_to(folder).as_posix()}"


def _warnings(private: PrivateText, folders: Sequence[Path]) -> Iterable[str]:
    for folder in folders:
        if not folder.is_dir():
            yield f"{folder.name}: is no folder, so that nothing private was read there"
    if links := sorted(set(_linked(folders))):
        names = ", ".join(links[:3])
        yield f"linked folders were not read: {names}; [publish] private may name them"
    if private.unread:
        names = ", ".join(private.unread[:3])
        yield f"{len(private.unread):,} private files were not read whole: {names}"
    if not private.files:
        yield (
            "no private files were searched for; [publish] private names the folders"
            " of tasks and runs"
        )


def _telling_tasks(inputs: Inputs) -> dict[str, str]:
    """Names of tasks that are no plain word."""
    return {
        task: "the name of a task"
        for task in inputs.records.coded("task").values
        if len(task) >= _SHORTEST_TASK or not task.isalpha()
    }


def _cache(folders: Iterable[Path]) -> Path:
    name = "\n".join(sorted(str(each.resolve()) for each in folders))
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=16)
    return cache_folder() / "gate" / f"{digest.hexdigest()}.npz"
