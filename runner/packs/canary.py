"""A text of its own for each task: wherever it appears, the task has leaked."""

import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness_bench.errors import TaskError, refused
from harness_bench.readings import TooLargeError, letters, readings, words
from runner.tasks import Task

FILE = "canary.txt"
"""Among the hidden tests: no agent is meant to see it."""

_FORM = re.compile(r"harness-bench-canary-[0-9a-f]{32}")


def plant(task: Task) -> str:
    """The canary of a task, made and written where it has none.

    Raises:
        TaskError: It cannot be read or written.
    """
    path = task.tests / FILE
    try:
        if path.exists() and (found := _FORM.search(path.read_text("utf-8"))):
            return found[0]
        canary = f"harness-bench-canary-{secrets.token_hex(16)}"
        with path.open("x", encoding="utf-8") as file:
            file.write(f"{canary}\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error if isinstance(error, OSError) else OSError(str(error))
        raise TaskError(refused(path, "written", why)) from error
    return canary


def find(
    canaries: Iterable[tuple[str, str]], places: Iterable[Path]
) -> Iterator[tuple[Path, str]]:
    """Every file below the places that holds a canary, in any wrapping, and whose.

    Args:
        canaries: Names of tasks, and the canary of each.
        places: Files and folders.

    Raises:
        TaskError: A file cannot be read.
    """
    wanted = [(name, letters(words(canary))) for name, canary in canaries]
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_dir():
                continue
            try:
                texts = [letters(words(each)) for each in readings(path.read_bytes())]
            except OSError as error:
                raise TaskError(refused(path, "read", error)) from error
            except TooLargeError as error:
                raise TaskError(f"{path}: {error}") from error
            for name, canary in wanted:
                if any(canary in text for text in texts):
                    yield path, name
