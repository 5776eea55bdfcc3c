"""What hypothesis draws: records, and names that have broken other sites."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from harness_bench.columns import Column
from harness_bench.schema import COLUMNS, Record, Status

ODD_NAMES = (
    ".",
    "..",
    "../../etc/passwd",
    "/",
    "a/b",
    "a b",
    "a-b",
    "A-B",
    ".hidden",
    "_private",
    "#fragment",
    "tilde~",
    "index",
    "index.html",
    "CON",
    "100 %",
    "%2e%2e",
    "a,b",
    'a"b',
    "a'b",
    "=1+1",
    "@SUM(A1)",
    "-1",
    "---",
    "{{ name }}",
    "{% include x %}",
    "${x}",
    "<script>alert(1)</script>",
    "</script>",
    "<!--",
    "&amp;",
    "]]>",
    "Größe",
    "Gro\u0308ße",
    "模型",
    "نموذج",
    "\u202ereversed",
    "zero\u200bwidth",
    "🦙",
    "👩‍💻",
    "null",
    "nan",
    "0",
    "x" * 1_900,
    "x" * 1_899 + "y",
)
"""Names that are fine as data and a trap for whoever pastes them somewhere."""

_lines = st.text(
    # Without control characters, lone surrogates, line and paragraph separators.
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip(" \t"))

names: SearchStrategy[str] = st.one_of(st.sampled_from(ODD_NAMES), _lines)
"""Every text that may be a name, the odd ones often."""

_counts = st.none() | st.integers(0, 2**63 - 1)
_texts = st.none() | names


@st.composite
def records(draw: DrawFn, *, name: SearchStrategy[str] = names) -> Record:
    """A record with any of its fields measured or not."""
    status = draw(st.none() | st.sampled_from(Status))
    passed = draw(st.none() | st.booleans())
    if status is not None and passed is not None:
        passed = status is Status.PASS
    score = draw(st.none() | st.floats(0, 1))
    if status is None and passed is None and score is None:
        score = draw(st.floats(0, 1))
    of, total = draw(_counts), draw(_counts)
    if of is not None and total is not None:
        of, total = min(of, total), max(of, total)
    given: dict[str, Any] = {
        "sweep": draw(st.just("") | name),
        "model": draw(name),
        "quant": draw(st.just("") | name),
        "harness": draw(name),
        "variant": draw(st.just("") | name),
        "task": draw(name),
        "seed": draw(st.integers(0, 3) | st.integers(0, 2**63 - 1)),
        "status": status,
        "passed": passed,
        "score": score,
        "tests_passed": of,
        "tests_total": total,
    }
    return Record(
        **given,
        **{
            column.name: draw(_field(column))
            for column in COLUMNS
            if column.name not in given
        },
    )


def _field(column: Column) -> SearchStrategy[Any]:
    match column.kind:
        case "text":
            return _texts
        case "flag":
            return st.none() | st.booleans()
        case "choice":
            return st.none() | st.sampled_from(list(column.choices.values()))
        case "integer":
            return _counts
        case "number":
            return st.none() | st.floats(0, min(column.high, 1e9))


def tables(
    *, name: SearchStrategy[str] = names, max_size: int = 8
) -> SearchStrategy[list[Record]]:
    """Records of one cells.csv: at least one, and no two with one identity."""
    return st.lists(
        records(name=name),
        min_size=1,
        max_size=max_size,
        unique_by=lambda record: record.identity,
    )
