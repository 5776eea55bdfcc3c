"""What hypothesis draws: records, and names that have broken other sites."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from harness_bench.schema import GraderAccess, Record, Status, UsageSource

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

_times = st.none() | st.floats(0, 1e9)
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
    return Record(
        sweep=draw(st.just("") | name),
        model=draw(name),
        quant=draw(st.just("") | name),
        harness=draw(name),
        variant=draw(st.just("") | name),
        task=draw(name),
        seed=draw(st.integers(0, 3) | st.integers(0, 2**63 - 1)),
        status=status,
        passed=passed,
        score=score,
        tests_passed=of,
        tests_total=total,
        agent_time_s=draw(_times),
        model_time_s=draw(_times),
        tool_time_s=draw(_times),
        grade_time_s=draw(_times),
        calls=draw(_counts),
        tokens_in=draw(_counts),
        tokens_cached=draw(_counts),
        tokens_out=draw(_counts),
        first_token_s=draw(_times),
        tokens_per_s=draw(_times),
        prefill_per_s=draw(_times),
        context_peak=draw(_counts),
        context_limit=draw(_counts),
        peak_memory_gb=draw(_times),
        energy_wh=draw(_times),
        malformed_calls=draw(_counts),
        cost_usd=draw(_times),
        usage_source=draw(st.none() | st.sampled_from(UsageSource)),
        grader_mentions=draw(st.none() | st.booleans()),
        grader_access=draw(st.none() | st.sampled_from(GraderAccess)),
        sandbox=draw(_texts),
        sampling=draw(_texts),
        harness_version=draw(_texts),
        model_sha256=draw(_texts),
        server_build=draw(_texts),
        task_version=draw(_texts),
        hardware=draw(_texts),
        runner_version=draw(_texts),
        started_at=draw(_texts),
    )


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
