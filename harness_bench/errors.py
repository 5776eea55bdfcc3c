"""What can go wrong in the world, as values and as one tree of exceptions.

An agent that fails is data, not an error. Any exception outside the tree is a
bug and keeps its traceback.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

SHOWN_LENGTH = 60
"""A foreign value is cut to this many characters in a message."""


class ExitCode(IntEnum):
    """How a command ends."""

    DONE = 0
    ERROR = 1
    """An expected error: a `BenchError`."""
    USAGE = 2
    INCOMPLETE = 3
    """Finished, but stale, incomplete or refused by the publish gate."""
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person can mend; `str` is its line: `where: what; help`."""

    where: str
    """The file, folder or part that it is about; empty where the whole is meant."""
    what: str
    """What is wrong."""
    help: str = ""
    """What to do about it; empty where that is plain."""
    sort: str = ""
    """What is wrong in two or three words, equal for problems of one sort: a long list
    is summed up by it."""
    line: int = 0
    """Of the file; 0: the whole file."""

    def within(self, place: str) -> "Problem":
        """The same problem, seen from outside of the place it belongs to."""
        return replace(self, where=_joined(": ", place, self._place), line=0)

    @property
    def _place(self) -> str:
        return f"{self.where}:{self.line}" if self.line else self.where

    def __str__(self) -> str:
        return _joined(": ", self._place, _joined("; ", self.what, self.help))


def _joined(between: str, *parts: str) -> str:
    return between.join(filter(None, parts))


class BenchError(Exception):
    """The world does not allow what was asked; a person can mend it.

    Args:
        *problems: Everything that could be found, at once. A string is a problem of
            which nothing is to be told apart.
    """

    exit_code = ExitCode.ERROR

    def __init__(self, *problems: Problem | str) -> None:
        super().__init__(*problems)
        self.problems = tuple(
            Problem("", each) if isinstance(each, str) else each for each in problems
        )

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class SchemaError(BenchError):
    """A CSV holds what the schema does not allow."""


class SettingsError(BenchError):
    """A settings file holds what no setting allows."""


class TaskError(BenchError):
    """A task or a task pack holds what none may hold."""


class GraderError(BenchError):
    """A grader ended without a whole report: it says nothing about the workspace."""


class SandboxError(BenchError):
    """No sandbox can be made on this machine, or one of them leaks."""


class ModelError(BenchError):
    """A model cannot be served."""


class HarnessError(BenchError):
    """A harness cannot be installed, or does not start."""


class RunError(BenchError):
    """A run folder cannot be used."""


class IncompleteError(BenchError):
    """A run ended and some of its trials have no valid attempt."""

    exit_code = ExitCode.INCOMPLETE


class PluginError(BenchError):
    """A plugin is unknown, claimed by two distributions, or cannot be imported."""


class RenderError(BenchError):
    """A template cannot be rendered."""


class PostError(BenchError):
    """A post quotes what is not published, or cannot be read."""


class PublishError(BenchError):
    """The output folder cannot be used."""


class StaleError(BenchError):
    """The folder of a site does not hold what its sources give."""

    exit_code = ExitCode.INCOMPLETE


class GateError(BenchError):
    """The publish gate refuses what would have been published.

    Args:
        *problems: Where, and from which source.
        report: What stands there, for the author alone.
    """

    exit_code = ExitCode.INCOMPLETE

    def __init__(self, *problems: Problem | str, report: str = "") -> None:
        super().__init__(*problems)
        self.report = report


def reason(error: OSError) -> str:
    """Why the system refused, in its own words: `no such file or directory`."""
    return (error.strerror or str(error)).lower()


def refused(place: object, done: str, error: OSError, advice: str = "") -> Problem:
    """That the system let a file not be `read`, `written` or the like."""
    return Problem(str(place), f"cannot be {done} ({reason(error)})", advice)


def shown(value: object) -> str:
    """A value as a message quotes it: on one line, short, control characters escaped.

    A field of ten megabytes must not flood the terminal, and one with escape
    sequences must not drive it.
    """
    if not isinstance(value, str):
        value = repr(value)
        return value if len(value) <= SHOWN_LENGTH else f"{value[:SHOWN_LENGTH]}…"
    if len(value) <= SHOWN_LENGTH:
        return repr(value)
    return f"{value[:SHOWN_LENGTH]!r}… ({len(value):,} characters)"


def near_miss(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'passed'?)` for a known word that is close, else nothing."""
    # Beyond this length no known word is near, and comparing takes long.
    if len(word) > SHOWN_LENGTH:
        return ""
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(word.lower(), list(by_lower), n=1)
    return f" (did you mean {by_lower[found[0]]!r}?)" if found else ""
