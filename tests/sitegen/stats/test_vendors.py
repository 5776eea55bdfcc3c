"""A harness on its maker's models beside local ones."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sitegen.policy import Policy
from sitegen.stats.trials import trials
from sitegen.stats.vendors import VendorGap, vendor_gaps
from tests.records import grid

TASKS = "123456789abc"
HOSTS, MAKERS = {"opus": "A", "gpt": "O"}, {"claude": "A", "codex": "O"}


def of(cells: dict[str, dict[str, str]]) -> tuple[VendorGap, ...]:
    return vendor_gaps(trials(grid(cells), Policy()), HOSTS, MAKERS)


def test_a_harness_made_for_its_own_model_stands_out_there_and_not_elsewhere() -> None:
    passed, failed = dict.fromkeys(TASKS, "+"), dict.fromkeys(TASKS, "-")
    [gap] = of(
        {
            "opus//claude": passed,
            "opus//pi": failed,
            "local/Q4/claude": passed,
            "local/Q4/pi": passed,
        }
    )
    assert (gap.harness, gap.vendor) == ("claude", "A")
    assert gap.own.found.mean == 1
    assert gap.local is not None
    assert gap.local.found.mean == 0
    assert gap.more == Fraction(2, 2**12)


def test_a_gap_is_the_mean_over_tasks_against_the_mean_of_the_others() -> None:
    [gap] = of(
        {
            "opus//claude": {"1": "+", "2": "+-", "3": "+"},
            "opus//pi": {"1": "-", "2": "-"},
            "opus//qwen": {"1": "+"},
            "gpt//claude": {"1": "-"},
        }
    )
    assert gap.own.found.mean == (Fraction(1, 2) + Fraction(1, 2)) / 2
    assert (gap.own.n_cells, gap.own.n_models) == (2, 1)
    assert (gap.local, gap.more) == (None, None)


def test_models_of_other_vendors_are_neither_own_nor_local() -> None:
    cells = {f"{m}//{h}": {"1": "+"} for m in ("gpt", "x") for h in ("claude", "pi")}
    assert of(cells) == ()


marks = st.sampled_from(["", "+", "-", "+-"])


@given(
    st.fixed_dictionaries(
        {
            f"{m}//{h}": st.fixed_dictionaries({"1": marks, "2": marks})
            for m in ("opus", "gpt", "x")
            for h in ("claude", "codex", "pi")
        }
    )
)
def test_whatever_the_cells_gaps_are_differences_of_rates(
    cells: dict[str, dict[str, str]],
) -> None:
    if not grid(cells):
        return
    for gap in of(cells):
        assert -1 <= gap.own.found.mean <= 1
        assert gap.more is None or 0 < gap.more <= 1
