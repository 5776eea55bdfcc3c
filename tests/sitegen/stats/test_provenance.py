"""What trials ran with is told apart, numbered and counted, and never named."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.keys import ComboKey, HarnessKey, ModelKey, QuantKey, TaskKey
from sitegen.policy import Policy
from sitegen.records import Records
from sitegen.stats.provenance import Mixture, Provenance, mixtures, numbered, provenance
from sitegen.stats.trials import trials
from tests.records import grid, record


def of(records: list[Record]) -> Provenance:
    found = trials(records, Policy())
    return provenance(found, numbered(found))


HALVES = [
    *(record("m//pi", f"t{i}", hardware="gpu", harness_version="1") for i in range(5)),
    *(
        record("m//pi", f"u{i}", hardware="cpu", harness_version="2", passed=i < 2)
        for i in range(4)
    ),
    *(record("k//pi", f"t{i}", hardware="gpu", harness_version="1") for i in range(5)),
]


def test_trials_of_a_combo_are_told_apart_by_what_they_ran_with() -> None:
    found = of(HALVES)
    said = [
        (v.standing.key.model, dict(v.setup), v.standing.passed, v.standing.n_trials)
        for v in found.views
    ]
    assert said == [
        ("m", {"hardware": 1, "harness_version": 1}, 5, 5),
        ("m", {"hardware": 2, "harness_version": 2}, 2, 4),
    ]


def test_only_what_differs_within_the_combo_is_named_and_unknown_is_0() -> None:
    rows = grid({"m//pi": {"a": "+", "b": "-"}}, hardware="gpu")
    rows[1] = replace(rows[1], server_build="b1")
    assert [dict(view.setup) for view in of(rows).views] == [
        {"server_build": 0},
        {"server_build": 1},
    ]


def test_a_number_stands_for_the_same_hardware_in_every_combo() -> None:
    rows = [
        *(record("a//x", f"t{i}", hardware="one") for i in range(1)),
        *(record("a//x", f"u{i}", hardware="two") for i in range(3)),
        *(record("b//y", f"t{i}", hardware="one") for i in range(5)),
        *(record("b//y", f"u{i}", hardware="two") for i in range(1)),
    ]
    numbers = {
        (view.standing.key.model, view.standing.n_trials): view.setup["hardware"]
        for view in of(rows).views
    }
    assert numbers == {("a", 1): 1, ("a", 3): 2, ("b", 5): 1, ("b", 1): 2}


def test_versions_are_numbered_within_their_harness() -> None:
    rows = [
        record(f"m//{harness}", f"t{i}", harness_version=f"{harness}{i % 2}")
        for harness in ("x", "y")
        for i in range(3)
    ]
    numbers = [view.setup["harness_version"] for view in of(rows).views]
    assert numbers == [1, 2, 1, 2]


def test_without_a_difference_there_is_nothing_to_tell() -> None:
    assert of(grid({"m//pi": {"a": "+-", "b": "-"}}, hardware="gpu")) == Provenance()


def test_sealed_and_unsealed_stand_side_by_side_over_the_same_cells() -> None:
    sealed = grid(
        {"m//pi": {"a": "+", "b": "-", "c": "+"}}, sweep="s", sandbox="bubblewrap"
    )
    open_ones = grid({"m//pi": {"a": "+", "b": "+"}}, sweep="o", sandbox="none")
    found = of([*sealed, *open_ones])
    (each,) = found.sealing
    assert (each.harness, each.shared) == (HarnessKey("pi"), True)
    assert (each.sealed.rate, each.unsealed.rate) == (Fraction(1, 2), Fraction(1))
    (apart,) = of([sealed[2], *open_ones]).sealing
    assert not apart.shared
    assert (apart.sealed.n_cells, apart.unsealed.n_cells) == (1, 2)
    assert of([*sealed, record("m//pi", "a", seed=9)]).sealing == ()


def test_mixtures_are_counted_for_everything_that_a_page_shows() -> None:
    found = mixtures(Records.of(HALVES))
    both = Mixture(kinds={"hardware": 2, "harness_version": 2}, partly=())
    assert found[None] == both
    for key in (HarnessKey("pi"), ComboKey("m", "", "pi"), QuantKey("m", "")):
        assert found[key] == both
    assert found[ModelKey("m")] == both
    assert not {ModelKey("k"), TaskKey("t0")} & set(found)


def test_versions_count_within_a_harness_and_seeds_are_no_sampling() -> None:
    rows = [
        record("m//x", "a", harness_version="1", sampling="temperature=0 seed=1"),
        record("m//y", "a", harness_version="2", sampling="temperature=0 seed=2"),
    ]
    assert mixtures(Records.of(rows)) == {}
    hot = replace(rows[0], task="b", sampling="temperature=1 seed=1")
    assert mixtures(Records.of([*rows, hot]))[None].kinds == {"sampling": 2}


def test_what_is_recorded_of_some_trials_only_is_said_to_be_so() -> None:
    rows = [record("m//x", "a", hardware="gpu"), record("m//x", "b")]
    assert mixtures(Records.of(rows))[None] == Mixture(kinds={}, partly=("hardware",))
    assert mixtures(Records.of([record("m//x", "a"), record("m//x", "b")])) == {}


@given(st.lists(st.sampled_from([None, "p", "q", "r"]), min_size=1, max_size=8))
def test_a_mixture_is_what_counting_by_hand_gives(kinds: list[str | None]) -> None:
    rows = [record("m//x", f"t{i}", sandbox=kind) for i, kind in enumerate(kinds)]
    found = mixtures(Records.of(rows)).get(None)
    known = len(set(kinds) - {None})
    partly = None in kinds and known > 0
    if known > 1:
        assert found == Mixture(kinds={"sandbox": known}, partly=())
    else:
        assert found == (Mixture(kinds={}, partly=("sandbox",)) if partly else None)
