"""Tables of totals, as boards publish them: a row an entry, with `passed` and `n`.

No trials are made of them: what they do not tell (tasks, pairs, tiers) is not shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from harness_bench.columns import BLANKS, FieldError
from harness_bench.errors import Problem, SchemaError, shown
from harness_bench.schema import COLUMN_BY_NAME
from sitegen.config import TOTALS, Input
from sitegen.raw_table import RawTable

NAMES = ("model", "quant", "harness", "variant")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Total:
    """What one entry passed in all."""

    names: tuple[str, ...]
    """As `NAMES`; only the model is never empty."""
    passed: int
    n: int
    first: int | None
    """Passed at the first try; None: not told."""

    @property
    def rate(self) -> Fraction:
        """In 0..1."""
        return Fraction(self.passed, self.n)


def totals_of(tables: Sequence[RawTable], given: Input) -> tuple[Total, ...]:
    """The totals in tables that hold nothing else; empty where none does.

    Raises:
        SchemaError: Totals stand beside trials, or do not fit.
    """
    sources = [_sources(table, given) for table in tables]
    counted = [{"passed", "n"} <= {*each} and "task" not in each for each in sources]
    if not any(counted):
        return ()
    problems = [
        table.head().problem(
            "totals beside trials",
            f"its rows are totals, but those of {tables[counted.index(False)].file} are"
            " trials: no ranking can hold both",
            "build a site of each",
        )
        for table, is_total in zip(tables, counted, strict=True)
        if is_total and not all(counted)
    ]
    problems += [each for table in tables for each in table.problems]
    found: dict[tuple[str, ...], Total] = {}
    if not problems:
        for table, source in zip(tables, sources, strict=True):
            _read(table, source, given, found, problems)
    if problems:
        raise SchemaError(*problems)
    return tuple(sorted(found.values(), key=lambda each: (-each.rate, each)))


def _sources(table: RawTable, given: Input) -> dict[str, str]:
    """Our columns to theirs."""
    ours = {*COLUMN_BY_NAME, *TOTALS}.difference(given.ignore)
    named = {o: t for o, t in given.columns.items() if t in table.header}
    return {name: name for name in table.header if name in ours} | named


def _read(
    table: RawTable,
    sources: Mapping[str, str],
    given: Input,
    found: dict[tuple[str, ...], Total],
    problems: list[Problem],
) -> None:
    for origin, row in table.rows():
        said = {
            o: row[t].strip(BLANKS) or given.defaults.get(o, "")
            for o, t in sources.items()
        }
        try:
            total = _total(said, given)
        except FieldError as error:
            problems.append(origin.problem(error.sort, error.what, error.advice))
            continue
        if found.setdefault(total.names, total) is not total:
            what = f"{shown(total.names[0])} is there twice"
            problems.append(origin.problem("duplicate key", what))


def _total(said: Mapping[str, str], given: Input) -> Total:
    names = tuple(
        given.aliases.get(name, {}).get(text, text)
        for name in NAMES
        for text in [said.get(name, given.defaults.get(name, ""))]
    )
    passed, n, first = (_count(name, said) for name in ("passed", *TOTALS))
    if not names[0]:
        raise FieldError("empty model", "model is empty")
    if n is None or passed is None or not n or not (first or 0) <= passed <= n:
        what = f"passed is {passed} and n is {n}, expected counts, passed of n"
        raise FieldError("totals", what)
    return Total(names=names, passed=passed, n=n, first=first)


def _count(name: str, said: Mapping[str, str]) -> int | None:
    text = said.get(name, "")
    try:
        value = COLUMN_BY_NAME["tests_total"].parse(text)
    except FieldError as error:
        what = f"{name} is {shown(text)}, expected a whole number"
        raise FieldError(error.sort, what) from error
    return value if isinstance(value, int) else None
