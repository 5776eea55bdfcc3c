"""A site from anything a results table can hold, however little."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.build import build
from sitegen.metadata import Metadata, ModelInfo
from sitegen.site import Site, path_problem
from tests import strategies
from tests.records import UNMEASURED, grid, inputs, record, repeated
from tests.sites import broken_links, pages_of

ONE_TASK = {f"m{i}/Q4/h{j}": {"t": "+"} for i in range(2) for j in range(2)}

DEGENERATE: dict[str, list[Record]] = {
    "a single trial": [record()],
    "a single failed trial": [record(passed=False)],
    "one task": grid({"m/Q4/a": {"t": "+"}, "m/Q8/b": {"t": "-"}}),
    "one model": grid({f"m//h{i}": {"t": "+", "u": "-"} for i in range(3)}),
    "one harness": grid({f"m{i}//h": {"t": "+", "u": "-"} for i in range(3)}),
    "all pass": grid({"m/Q4/a": {"t": "++", "u": "++"}, "n/Q8/b": {"t": "++"}}),
    "all fail": grid({"m/Q4/a": {"t": "--", "u": "--"}, "n/Q8/b": {"t": "--"}}),
    "no times": grid(ONE_TASK),
    "times of zero": grid(ONE_TASK, agent_time_s=0.0),
    "one time for all": grid(ONE_TASK, agent_time_s=12.5),
    "one time between two ticks": [record(agent_time_s=0.23)],
    "a mean below a microsecond": [
        record(seed=i, agent_time_s=time) for i, time in enumerate((1e-6, 0.0, 0.0))
    ],
    "very short and very long times": [
        record("m//a", agent_time_s=1e-6),
        record("m//b", agent_time_s=1e8, passed=False),
    ],
    "only infrastructure failures": [
        record(f"m{i}//h{i}", f"t{i}", status=status)
        for i, status in enumerate(UNMEASURED)
    ],
    "one combo never measured": [
        *grid({"m//a": {"t": "+", "u": "-"}}),
        record("m//b", "t", status=Status.INFRA_SERVER),
    ],
    "one task never measured": [
        *grid({"m//a": {"t": "+"}, "m//b": {"t": "-"}}),
        record("m//a", "lost", status=Status.CANCELLED),
    ],
    "one sweep": grid(ONE_TASK, sweep="only"),
    "some rows in no sweep": [
        *grid(ONE_TASK, sweep="s"),
        *grid({"n//h": {"t": "+"}}),
    ],
    "a sweep never measured": [
        *grid(ONE_TASK, sweep="s"),
        record(sweep="lost", status=Status.INFRA_SETUP),
    ],
    "disjoint tasks": grid({"m//a": {"t": "+"}, "n//b": {"u": "-"}}),
    "quants without a shared cell": grid({"m/Q4/a": {"t": "+"}, "m/Q8/b": {"t": "+"}}),
    "one seed here and five there": [
        *repeated("m//a", "t", [True]),
        *repeated("m//a", "u", [True, False, True, True, False]),
        *repeated("n//a", "t", [False] * 5),
    ],
    "scores only": [record(seed=i, score=i / 4) for i in range(5)],
    "every trial read the grader": [
        record(f"m//h{i}", grader_access=GraderAccess.READ) for i in range(2)
    ],
    "everything voided": [record(status=Status.VOID_CHEAT)],
}

every_case = pytest.mark.parametrize("case", DEGENERATE)
either = pytest.mark.parametrize("cells", [True, False])

NOT_A_NUMBER = re.compile(
    r"(?<![\w-])(?:NaN|nan|-?[Ii]nfinity|-?inf|None|undefined)(?![\w-])"
)


def written(site: Site) -> Iterator[tuple[str, str]]:
    """Every file that results went into; not what we ship, nor packed inputs."""
    for path, content in site.items():
        if not path.startswith("assets/") and not path.endswith(".zip"):
            yield path, content.decode()


def check(site: Site) -> None:
    """What holds for every site."""
    assert [path for path in site if path_problem(path)] == []
    for path, text in written(site):
        if path.endswith((".json", ".js")):
            # null is JSON; anything else that is no number is not.
            assert not NOT_A_NUMBER.search(re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)), (
                path
            )
        else:
            assert not NOT_A_NUMBER.search(text), path
        if path.endswith(".json"):
            json.loads(text, parse_constant=pytest.fail)
    pages = {path: site[path] for path in pages_of(site) if path != "404.html"}
    assert broken_links(pages, site) == []


@either
@every_case
def test_a_site_is_made_of_however_little(case: str, cells: bool) -> None:  # noqa: FBT001 - a pytest parameter
    site = build(inputs(DEGENERATE[case], cells=cells))
    check(site)
    assert {"index.html", "analysis.html", "data.html", "methodology.html"} <= set(site)


@every_case
def test_known_sizes_of_models_are_shown_however_little_was_measured(case: str) -> None:
    found = inputs(DEGENERATE[case])
    sizes = {
        name: ModelInfo(total_params_b=size, active_params_b=size / 2, family="F")
        for name, size in (("m", 7.0), ("m0", 7.0), ("m1", 30.0), ("n", 0.5))
    }
    check(build(replace(found, metadata=Metadata(models=sizes))))


def test_what_was_not_measured_is_null_empty_and_a_dash() -> None:
    site = build(inputs(DEGENERATE["one combo never measured"]))
    row = next(
        row
        for row in json.loads(site["data/combos.json"])["rows"]
        if row["harness"] == "b"
    )
    assert (row["n_trials"], row["passed"]) == (0, 0)
    for name in ("rate", "ci_low", "ci_high", "agent_time_mean_s", "rank", "rank_low"):
        assert row[name] is None
    line = site["data/combos.csv"].decode().splitlines()[-1]
    assert line.startswith("m,,b,0,0,0,0,,,,,,,,,,,,0,0")
    page = site["combos/m--b.html"].decode()
    assert "no measured trial" in page
    (shown,) = re.findall(
        r"<tr>(?:(?!</tr>).)*combos/m--b\.html.*?</tr>",
        site["index.html"].decode(),
        re.DOTALL,
    )
    assert ">–</td>" in shown
    assert "0.0" not in shown


usual = st.sampled_from(["a", "b", "B", "c d", "ä"])


@settings(
    max_examples=8,
    suppress_health_check=list(HealthCheck),
    # A site takes long to build: a failure is told as it was found.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(strategies.tables(name=usual, max_size=10), st.booleans())
def test_any_records_make_a_sound_site(found: list[Record], cells: bool) -> None:  # noqa: FBT001 - drawn
    short = [
        replace(
            r, agent_time_s=None if r.agent_time_s is None else r.agent_time_s % 1e6
        )
        for r in found
    ]
    check(build(inputs(short, cells=cells)))


def test_the_same_input_makes_the_same_bytes() -> None:
    found = inputs(DEGENERATE["one seed here and five there"])
    assert build(found) == build(found)
    assert list(build(found)) == sorted(build(found))
