"""What defined a run, and what has become different."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness_bench import __version__
from harness_bench.errors import RunError
from runner.limits import Limits
from runner.machine.durable import make_folder
from runner.plan import all_trials, choose, parse_choice
from runner.run_folder.run_lock import (
    definitions,
    keep_lock,
    known_again,
    verify,
    what_changed,
)
from runner.spec import Spec
from runner.tasks import Task
from tests.runner.specs import (
    IdleHarness,
    StillModel,
    harness,
    model,
    spec,
    task,
)

TASKS = (task("one"), task("two"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed(StillModel):
    """A model in a file."""

    sha256: str = ""

    def identity(self) -> Mapping[str, str]:
        return {"model_sha256": self.sha256}


WAS = spec((model("a"), model("b")), (harness("x"),))


def difference(folder: Path, now: Spec, tasks: tuple[Task, ...] = TASKS) -> str:
    """What is said of settings in a folder whose run was started with others."""
    keep_lock(folder, all_trials(WAS, TASKS))
    with pytest.raises(RunError) as caught:
        verify(folder, all_trials(now, tasks))
    (problem,) = map(str, caught.value.problems)
    where, _, what = problem.partition(": ")
    assert where == str(folder / "lock.json")
    assert what.endswith("; --verify allows no change since the run was started")
    return what.partition("; ")[0]


def test_what_is_as_it_was_is_accepted(tmp_path: Path) -> None:
    keep_lock(tmp_path, all_trials(WAS, TASKS))
    verify(tmp_path, all_trials(WAS, TASKS))


def test_what_was_added_is_no_difference(tmp_path: Path) -> None:
    keep_lock(tmp_path, all_trials(WAS, TASKS))
    more = spec((*WAS.models, model("c")), (*WAS.harnesses, harness("y")), seeds=4)
    verify(tmp_path, all_trials(more, (*TASKS, task("three"))))


A, X = WAS.models[0], WAS.harnesses[0]
OTHER_ARGS = model("b", model=StillModel(args=("-c", "9")))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (spec((A, OTHER_ARGS), (X,)), "model b identity args was '', is now '-c 9'"),
        (
            spec((A, model("b", context_tokens=9)), (X,)),
            "model b context_tokens was 32768",
        ),
        (spec((A,), (X,)), "model b was there, is now missing"),
        (
            spec(WAS.models, (harness("x", harness=IdleHarness(version="2")),)),
            "harness x settings version was '1.0', is now '2'",
        ),
        (
            spec(WAS.models, (harness("x", harness=IdleHarness(edits="diff")),)),
            "harness x settings edits was 'whole', is now 'diff'",
        ),
        (
            spec(WAS.models, (X,), limits=Limits(calls=3)),
            "task one limits calls was 200, is now 3",
        ),
        (spec(WAS.models, (X,), sandbox="other"), "sandbox was 'bubblewrap'"),
    ],
)
def test_the_first_difference_is_named(
    tmp_path: Path, now: Spec, expected: str
) -> None:
    assert difference(tmp_path, now).startswith(expected)


def test_another_version_of_a_task_is_a_difference(tmp_path: Path) -> None:
    changed = (task("one"), task("two", version="ba9876543210"))
    assert difference(tmp_path, WAS, changed) == (
        "task two version was '0123456789ab', is now 'ba9876543210'"
    )


def test_another_runner_is_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_lock(tmp_path, all_trials(WAS, TASKS))
    monkeypatch.setattr("runner.run_folder.run_lock.__version__", "99.0")
    with pytest.raises(RunError) as refused:
        verify(tmp_path, all_trials(WAS, TASKS))
    assert str(refused.value) == (
        f"{tmp_path / 'lock.json'}: runner was '{__version__}', is now '99.0'; "
        "--verify allows no change since the run was started"
    )


@pytest.mark.parametrize("text", [b"", b"[", b"{", b"[]", b"null", b'{"a": "\xff"}'])
def test_a_damaged_lock_is_refused_and_written_anew(
    tmp_path: Path, text: bytes
) -> None:
    trials = all_trials(WAS, TASKS)
    (tmp_path / "lock.json").write_bytes(text)
    for chosen in (None, trials[:1]):
        with pytest.raises(RunError) as refused:
            verify(tmp_path, trials, chosen=chosen)
        assert str(refused.value) == f"{tmp_path / 'lock.json'}: is damaged"
    keep_lock(tmp_path, trials)
    verify(tmp_path, trials)


def test_without_a_lock_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="--verify needs a run that was started before"):
        verify(tmp_path / "none", all_trials(WAS, TASKS))


def test_the_same_lock_is_not_written_again(tmp_path: Path) -> None:
    make_folder(tmp_path)
    keep_lock(tmp_path, all_trials(WAS, TASKS))
    before = (tmp_path / "lock.json").stat()
    keep_lock(tmp_path, all_trials(WAS, TASKS)[::-1])
    after = (tmp_path / "lock.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_not_asked_for_may_be_on_another_machine(tmp_path: Path) -> None:
    """Two machines, each with the file of one model: the other has no hash there."""
    here = spec((A, model("b", model=StillModel(args=("none",)))), (X,))
    there = spec((model("a", model=StillModel(args=("none",))), WAS.models[1]), (X,))
    of_a, of_b = parse_choice("model=a"), parse_choice("model=b")
    trials_here, trials_there = all_trials(here, TASKS), all_trials(there, TASKS)
    chosen_here = choose(trials_here, here, only=[of_a])
    chosen_there = choose(trials_there, there, only=[of_b])

    keep_lock(tmp_path, trials_here, chosen=chosen_here)
    verify(tmp_path, trials_there, chosen=chosen_there)
    keep_lock(tmp_path, trials_there, chosen=chosen_there)

    # Now it says what each machine knows of what it was asked for.
    verify(tmp_path, all_trials(WAS, TASKS))
    changed = all_trials(there, (task("one", version="ba9876543210"), TASKS[1]))
    with pytest.raises(
        RunError, match="task one version was '0123456789ab', is now 'ba"
    ):
        verify(tmp_path, changed, chosen=choose(changed, there, only=[of_b]))


def test_a_choice_of_nothing_leaves_the_lock_as_it_was(tmp_path: Path) -> None:
    keep_lock(tmp_path, all_trials(WAS, TASKS))
    before = (tmp_path / "lock.json").read_bytes()
    verify(tmp_path, all_trials(WAS, TASKS), chosen=())
    keep_lock(tmp_path, all_trials(WAS, TASKS), chosen=())
    assert (tmp_path / "lock.json").read_bytes() == before


def test_what_was_removed_leaves_the_lock_when_it_is_written(tmp_path: Path) -> None:
    keep_lock(tmp_path, all_trials(WAS, TASKS))
    only_b = spec(WAS.models[1:], (X,))
    keep_lock(tmp_path, all_trials(only_b, TASKS), chosen=all_trials(only_b, TASKS))
    verify(tmp_path, all_trials(only_b, TASKS))
    with pytest.raises(RunError, match="model b was there, is now missing"):
        verify(tmp_path, all_trials(spec((A,), (X,)), TASKS))


def test_a_lock_names_every_hash_that_is_known() -> None:
    found = definitions(all_trials(WAS, TASKS))
    assert found["model"]["a"]["identity"] == {"script": "null", "args": ""}
    assert found["harness"]["x"]["version"] == "1.0"
    assert found["task"]["one"]["version"] == "0123456789ab"
    assert found["task"]["one"]["limits"]["calls"] == 200


def test_a_file_that_is_elsewhere_is_what_the_lock_says_of_it(tmp_path: Path) -> None:
    here, there = model("a", model=Hashed(sha256="ab")), model("a", model=Hashed())
    was = all_trials(spec((here,)), TASKS)
    keep_lock(tmp_path, was)
    found = known_again(tmp_path, all_trials(spec((there,)), TASKS))
    assert [each.id for each in found] == [each.id for each in was]
    assert known_again(tmp_path, was) == was
    changed = all_trials(spec((replace(there, context_tokens=9),)), TASKS)
    assert not {each.id for each in changed} & {each.id for each in was}
    (first, _) = known_again(tmp_path, changed)
    assert first.definition["model"]["identity"] == {"model_sha256": "ab"}
    assert known_again(tmp_path / "none", changed) == changed


def test_what_changed_first_is_told_without_what_was_removed(tmp_path: Path) -> None:
    keep_lock(tmp_path, all_trials(WAS, TASKS))
    assert what_changed(tmp_path, all_trials(WAS, TASKS)) == ""
    assert what_changed(tmp_path, all_trials(spec((A,), (X,)), TASKS)) == ""
    less = all_trials(spec((A,), (X,), limits=Limits(calls=3)), TASKS)
    told = "task one limits calls was 200, is now 3"
    assert what_changed(tmp_path, less) == told
    assert what_changed(tmp_path / "none", less) == ""
