"""A site.toml from a look at results: what was found, why, and what is to be told.

Nothing is decided here. Each line says what it goes by, for a person to confirm; what
the results do not say is a question.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from harness_bench.columns import NUMBER, FieldError
from harness_bench.errors import SchemaError, shown
from harness_bench.schema import COLUMN_BY_NAME, IDENTITY, NAMED, OUTCOMES
from sitegen.foreign import listed, toml
from sitegen.read_table import is_table, read_raw
from sitegen.texts import blank, firsts, grouped, stacked
from sitegen.totals import NAMES
from sitegen.usual_words import COUNTS, FLAGS, STATUSES, bare, look_alikes, totals

_MOST_FILES = 200
"""So many files of a folder are looked at."""
_DATE = re.compile(r"20\d\d-?[01]\d-?[0-3]\d.*")
_FEW = 5


@dataclass(frozen=True, slots=True)
class Guess:
    """What a site.toml could say."""

    text: str
    """Of the file."""
    questions: tuple[str, ...]
    """What only the author knows."""


def results_in(given: Path) -> list[Path]:
    """The tables that a path stands for, some of very many."""
    if not given.is_dir():
        return [given]
    files = (each for each in sorted(given.rglob("*")) if is_table(each))
    return list(islice(files, _MOST_FILES))


def guess(given: Sequence[Path]) -> Guess:
    """What `[input]` could say of these tables or folders of tables.

    Raises:
        SchemaError: None of them can be read.
    """
    looking = _Look(given)
    head = "# What `harness-bench init` found in the results: confirm each line.\n"
    lines = "".join(f"{line}\n" for line in looking.lines())
    asked = "".join(f"# TO SAY: {each}\n" for each in looking.questions)
    return Guess(f"{head}\n[input]\n{lines}{asked}", tuple(looking.questions))


class _Look:
    def __init__(self, given: Sequence[Path]) -> None:
        self.questions: list[str] = []
        self.folder = given[0] if len(given) == 1 and given[0].is_dir() else None
        self.files = [each for path in given for each in results_in(path)]
        tables = [read_raw(path) for path in self.files]
        self.tables = [table for table in tables if table.header]
        if not self.tables:
            raise SchemaError(*(each for table in tables for each in table.problems))
        self.names = list(dict.fromkeys(n for t in self.tables for n in t.header if n))
        self.parts: list[str] = []
        """Columns that paths name."""
        self.of: dict[str, str] = {}
        """Our column to theirs."""

    def lines(self) -> Iterator[str]:
        """Lines of `[input]`; what they do not say is asked."""
        yield from self._paths()
        outside = [name for name in self.names if name not in COLUMN_BY_NAME]
        alike = look_alikes(outside, [*self.names, *self.parts])
        columns = {o: t for o, t in alike.items() if self._fits(o, t)}
        if self._of_totals(alike):
            yield from self._totals(columns)
            return
        if columns:
            yield "# By their names, and their values fit. Times must be in seconds."
            pairs = (f"{ours} = {toml(theirs)}" for ours, theirs in columns.items())
            yield f"columns = {{ {', '.join(pairs)} }}"
        self.of = {
            name: name for name in self.names if name in COLUMN_BY_NAME
        } | columns
        some = listed(outside) or "no others"
        for name in NAMED:
            if name in self.parts:
                continue
            rows = sum(table.size for table in self.tables)
            if name in self.of and (gaps := rows - sum(self._texts(name).values())):
                self.questions.append(
                    f"which {name} the {gaps:,} rows without one have: defaults ="
                    f' {{ {name} = "ITS NAME" }}'
                )
            elif name not in self.of:
                self.questions.append(
                    f'which {name}: columns = {{ {name} = "THEIR COLUMN" }}, of {some};'
                    f' or defaults = {{ {name} = "ITS NAME" }} for all rows'
                )
        if not any(name in self.of for name in OUTCOMES):
            self.questions.append(
                "which column says whether a trial passed: columns = { passed ="
                f' "THEIR COLUMN" }}, or score or status, of {some}'
            )
        yield from self._scores()
        yield from self._unknown()
        yield from self._repeats()
        yield from self._statuses()

    def _of_totals(self, alike: Collection[str]) -> bool:
        """Whether rows are totals, by their columns; see `totals`."""
        return bool(totals(self.names)) and "task" not in {*self.names, *alike}

    def _totals(self, alike: Mapping[str, str]) -> Iterator[str]:
        names = {name: alike[name] for name in NAMES if name in alike}
        for ours, others in COUNTS.items():
            found = (name for name in self.names if bare(name) in others.split())
            if theirs := next(found, None):
                names[ours] = theirs
            elif ours != "passed_first":
                asked = f"which column counts {ours}: columns = {{ {ours} = ... }}"
                self.questions.append(asked)
        yield "# No column of tasks: rows are totals, a board without ranks and tiers."
        pairs = (f"{ours} = {toml(theirs)}" for ours, theirs in names.items())
        yield f"columns = {{ {', '.join(pairs)} }}"

    def _texts(self, name: str) -> dict[str, int]:
        """The texts of one of our columns that say something, with their counts."""
        return self._said(self.of[name]) if name in self.of else {}

    def _said(self, theirs: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for table in self.tables:
            for text, n in table.text(theirs).counted():
                found[text] += n if n and not blank(text) else 0
        return dict(+found)

    def _fits(self, ours: str, theirs: str) -> bool:
        """Whether at least half of the texts are what the column takes."""
        texts = self._said(theirs)
        good = sum(
            n for text, n in texts.items() if ours == "seed" or _good(ours, text)
        )
        return bool(texts) and 2 * good >= sum(texts.values())

    def _paths(self) -> Iterator[str]:
        if self.folder is None:
            return
        inside = [each.relative_to(self.folder).parts for each in self.files]
        depth = len(inside[0]) if inside else 0
        if depth < 1 or any(len(parts) != depth for parts in inside):
            self.questions.append("the files lie at several depths: [input] paths")
            return
        parts = []
        for level in range(depth - 1):
            names = sorted({each[level] for each in inside})
            if all(map(_DATE.fullmatch, names)) and "started_at" not in self.names:
                parts.append("{started_at}")
                self.parts.append("started_at")
                continue
            parts.append("*")
            self.questions.append(
                f"what the folders {listed(names[:_FEW])} are: in paths, {{hardware}},"
                f" {{model}} or another column in the place of * number {level + 1}"
            )
        yield "# Where the files lie in the folder; a date is when a trial began."
        kinds = {"".join(each.suffixes) for each in self.files}
        parts.append(f"*{kinds.pop()}" if len(kinds) == 1 else "*")
        yield f'{"" if self.parts else "# "}paths = "{"/".join(parts)}"'

    def _scores(self) -> Iterator[str]:
        texts = self._texts("score").items()
        marks = {float(t): n for t, n in texts if NUMBER.fullmatch(t.strip())}
        beyond = sum(n for mark, n in marks.items() if mark > 1)
        if beyond and 2 * beyond <= sum(n for mark, n in marks.items() if mark > 0):
            self.questions.append(
                f"what scores above 1 mean, of {beyond:,} rows: score_outside ="
                ' "clip" or "empty"'
            )
        elif beyond:
            full = next((f for f in (10, 100, 1_000) if max(marks) <= f), max(marks))
            yield f"# Scores go up to {max(marks):g}."
            yield f"score_scale = {full:g}"

    def _unknown(self) -> Iterator[str]:
        found = {
            name: wrong
            for name in self.of
            if COLUMN_BY_NAME[name].kind in ("integer", "number", "flag")
            and name not in ("seed", "score")
            and (wrong := [t for t in self._texts(name) if not _good(name, t)])
        }
        few = {
            name: texts
            for name, texts in found.items()
            if name != "passed" and len(texts) <= _FEW and all(map(_no_number, texts))
        }
        if few:
            yield "# No numbers of their columns: taken as not measured."
            pairs = (f"{n} = [{', '.join(map(toml, t))}]" for n, t in few.items())
            yield f"unknown = {{ {', '.join(pairs)} }}"
        for name in [each for each in found if each not in few]:
            some = listed(found[name][:_FEW])
            self.questions.append(
                f"what {name} means where it is {some} …; ignore = [{toml(name)}]"
                " leaves the column out"
            )

    def _repeats(self) -> Iterator[str]:
        names = [self.of[name] for name in IDENTITY if name in self.of]
        columns = [stacked([t.text(name) for t in self.tables]) for name in names]
        if not {"model", "task"} <= self.of.keys():
            return
        rows = len(columns[0])
        groups = grouped((each.codes, each.words) for each in columns)
        repeated = rows - len(firsts(groups))
        if repeated:
            yield f"# {repeated:,} of {rows:,} rows repeat the key of another: trials"
            yield '# of their own. If they are there by mistake: "first".'
            yield 'duplicates = "number"'

    def _statuses(self) -> Iterator[str]:
        odd = [
            text
            for text in self._texts("status")
            if not _good("status", text) and bare(text) not in STATUSES
        ]
        if not odd:
            return
        decided = [name for name in ("passed", "score") if name in self.of]
        if decided:
            yield f"# Other words: {decided[0]} decides, unless you say how they ended."
            pairs = (f"{toml(text)} = 'score'" for text in odd)
            yield f"statuses = {{ {', '.join(pairs)} }}"
        else:
            self.questions.append(
                f"how a trial ended whose status is {listed(map(shown, odd))}: [input]"
                " statuses, theirs to ours"
            )


def _no_number(text: str) -> bool:
    """Whether it is a word, or -1: another number may have been measured."""
    return text.strip().startswith("-") or not re.search(r"\d", text)


def _good(name: str, text: str) -> bool:
    if name == "passed" and bare(text) in FLAGS:
        return True
    if name == "status" and bare(text) in STATUSES:
        return True
    try:
        COLUMN_BY_NAME[name].parse(text)
    except FieldError:
        # Another scale is told apart from what is no number.
        return name == "score" and bool(NUMBER.fullmatch(text.strip(" %")))
    return True
