"""Every kind of entity is known everywhere that needs it."""

from sitegen.kinds import COMPARED, KINDS, kind_of
from sitegen.policy import Policy
from sitegen.stats.results import results
from sitegen.stats.trials import trials
from tests.records import grid

RECORDS = grid({"m/Q4/h": {"t": "+", "u": "-"}, "n//h": {"t": "+"}})


def test_the_axis_and_the_standings_of_a_kind_hold_the_same_keys() -> None:
    told = {"language": {"t": "C", "u": "SQL"}}
    columns = trials(RECORDS, Policy())
    scope = results(RECORDS, Policy(), default_sweep=None, told=told).all
    for kind in KINDS:
        keys = {standing.key for standing in scope.standings(kind)}
        if kind.axis:
            assert keys == set(columns.axis(kind).labels)
        assert keys
        assert {kind_of(key) for key in keys} == {kind}
        assert {type(key) for key in keys} == {kind.key}


def test_every_kind_has_a_folder_of_its_own() -> None:
    assert len({kind.folder for kind in KINDS}) == len(KINDS)


def test_no_two_kinds_that_are_compared_are_called_the_same() -> None:
    assert len({kind.word for kind in COMPARED}) == len(COMPARED)


def test_addresses_and_words_of_data_files_stay_as_others_have_linked_them() -> None:
    assert {kind.folder for kind in KINDS} == {
        "models",
        "quants",
        "harnesses",
        "combos",
        "tasks",
        "groups",
    }
    assert {kind.word: kind.plural for kind in KINDS} == {
        "model": "models",
        "harness": "harnesses",
        "combo": "combos",
        "task": "tasks",
        "task group": "task groups",
    }
