"""Which trials there are, in which order, and what makes one the same trial."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from harness_bench.errors import SettingsError, TaskError
from runner.limits import Limits
from runner.models.llama_server import LlamaServer
from runner.plan import (
    Trial,
    choose,
    choose_tasks,
    id_with,
    parse_choice,
    plan,
    trials,
    with_identity,
)
from runner.spec import Spec, read_spec
from tests.runner.models.gguf_files import write_gguf
from tests.runner.specs import HIGH, IdleHarness, StillModel, harness, model, spec, task
from tests.runs import PRACTICE

TWO_BY_TWO = spec(
    (model("a"), model("b", quant="Q4")),
    (harness("x"), harness("y")),
    seeds=2,
)
TASKS = (task("one"), task("two"))


def _only(text: str) -> list[Trial]:
    return list(trials(TWO_BY_TWO, TASKS, only=[parse_choice(text)]))


def _id(of: Spec, **changed: Any) -> str:  # noqa: ANN401 - any field of a task
    return trials(of, [task(**changed)])[0].id


def test_every_cell_is_planned_once_for_each_seed() -> None:
    found = trials(TWO_BY_TWO, TASKS)
    assert len({trial.id for trial in found}) == len(found) == 2 * 2 * 2 * 2


def test_a_model_that_lies_elsewhere_on_another_host_makes_the_same_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "run.toml"
    path.write_text(ON_EACH_HOST.format(packs=PRACTICE))
    found: list[list[str]] = []
    for host in ("one", "two"):
        (tmp_path / host).mkdir()
        write_gguf(tmp_path / host)
        monkeypatch.setenv("MODELS", str(tmp_path / host))
        # The graphics card is another one there, too.
        card = path.read_text().replace("CUDA0", f"CUDA{len(found)}")
        path.write_text(card)
        there = read_spec(path)
        assert isinstance(there.models[0].model, LlamaServer)
        assert there.models[0].model.gguf == tmp_path / host / "tiny.gguf"
        found.append([trial.id for trial in trials(there, [task()])])
    assert found[0] == found[1]


ON_EACH_HOST = """\
[run]
packs = ["{packs}"]
[[model]]
name = "m"
gguf = "${{MODELS}}/tiny.gguf"
device = "CUDA0"
[[harness]]
name = "mini"
"""


def test_loads_equal_models() -> None:
    groups = plan(trials(TWO_BY_TWO, TASKS))
    assert [group.model.name for group in groups] == ["a", "b"]


def test_a_large_plan_loads_each_model_once() -> None:
    large = spec(
        tuple(model(f"m{n}") for n in range(8)),
        tuple(harness(f"h{n}") for n in range(5)),
        seeds=3,
    )
    groups = plan(trials(large, [task(f"t{n}") for n in range(16)]))
    assert len(groups) == 8
    assert sum(len(group.trials) for group in groups) == 8 * 5 * 16 * 3


def test_all_cells_of_a_model_have_a_first_seed_before_one_has_a_second() -> None:
    for group in plan(trials(TWO_BY_TWO, TASKS)):
        seeds = [trial.seed for trial in group.trials]
        assert seeds == sorted(seeds)


def test_all_harnesses_have_a_task_before_one_has_the_next() -> None:
    group, _ = plan(trials(TWO_BY_TWO, TASKS))
    assert [(t.task.name, t.harness.name) for t in group.trials[:4]] == [
        ("one", "x"),
        ("one", "y"),
        ("two", "x"),
        ("two", "y"),
    ]


def test_balanced_gives_every_model_its_first_seeds_before_any_second() -> None:
    found = trials(TWO_BY_TWO, TASKS)
    groups = plan(found, balanced=True)
    order = [trial for group in groups for trial in group.trials]
    assert [trial.seed for trial in order] == sorted(trial.seed for trial in found)
    assert {trial.id for trial in order} == {trial.id for trial in found}


def test_balanced_keeps_the_last_model_of_a_seed_for_the_next_one() -> None:
    models = tuple(model(name) for name in "abc")
    groups = plan(trials(spec(models, seeds=3), TASKS), balanced=True)
    assert "".join(group.model.name for group in groups) == "abcbabc"


def test_what_is_done_is_not_planned_and_its_model_not_loaded() -> None:
    found = trials(TWO_BY_TWO, TASKS)
    done = {trial.id for trial in found if trial.model.name == "a"} | {found[-1].id}
    (group,) = plan(found, done=done)
    assert group.model.name == "b"
    assert len(group.trials) == 7


def test_more_seeds_models_or_tasks_leave_the_ids_of_the_others() -> None:
    before = {trial.id for trial in trials(TWO_BY_TWO, TASKS)}
    more = spec(
        (model("new"), *TWO_BY_TWO.models),
        (*TWO_BY_TWO.harnesses, harness("z")),
        seeds=5,
        jobs=4,
        attempts=9,
        name="renamed",
        hardware="another machine",
    )
    assert before < {trial.id for trial in trials(more, (task("zero"), *TASKS))}


@pytest.mark.parametrize(
    "other",
    [
        spec((model(quant="Q8"),)),
        spec((model(sweep="q8"),)),
        spec((model(variant="high"),)),
        spec(harnesses=(harness(variant="high"),)),
        spec((model("other"),)),
        spec((model(server="other"),)),
        spec((model(context_tokens=4096),)),
        spec((model(output_tokens=1),)),
        spec((model(omit=("temperature",)),)),
        spec((model(rename={"max_tokens": "max_completion_tokens"}),)),
        spec((model(model=StillModel(args=("-c", "9"))),)),
        spec(harnesses=(harness("other"),)),
        spec(harnesses=(harness(harness=IdleHarness(version="2")),)),
        spec(harnesses=(harness(harness=IdleHarness(edits="diff")),)),
        spec(limits=Limits(calls=3)),
        spec(sandbox="unsafe"),
    ],
)
def test_whatever_defines_a_trial_is_in_its_id(other: Spec) -> None:
    assert _id(other) != _id(spec())


def test_a_changed_task_is_another_trial() -> None:
    own = replace(HIGH, agent_s=5.0)
    changes: list[dict[str, Any]] = [
        {"version": "ba9876543210"},
        {"limits": own},
        {"name": "u"},
    ]
    for changed in changes:
        assert _id(spec(), **changed) != _id(spec())


@pytest.mark.parametrize(
    "same",
    [
        spec((model(title="M", note="N", total_params_b=3.0),)),
        spec(harnesses=(harness(title="H"),)),
        spec(name="other", jobs=7, attempts=1),
    ],
)
def test_what_does_not_define_a_trial_is_not_in_its_id(same: Spec) -> None:
    assert _id(same) == _id(spec())
    assert _id(spec(), title="T", folder=Path("/elsewhere")) == _id(spec())


def test_a_moved_checkout_is_not_another_trial() -> None:
    here, there = (
        spec(harnesses=(harness(harness=IdleHarness(config=Path(folder, "c.toml"))),))
        for folder in ("/here", "/there")
    )
    assert _id(here) == _id(there)


def test_settings_within_settings_hold_no_path_of_a_machine() -> None:
    level = Enum("level", {"HIGH": 1})

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Nested(IdleHarness):
        files: Mapping[str, object] = field(default_factory=dict)

    here, there, other = (
        _id(
            spec(
                harnesses=(
                    harness(
                        harness=Nested(files={"a": (Path(folder, name), level.HIGH)})
                    ),
                )
            )
        )
        for folder, name in (("/here", "c"), ("/there", "c"), ("/here", "d"))
    )
    assert here == there != other


def test_a_trial_is_found_again_by_the_version_of_its_task() -> None:
    (trial,) = trials(spec(), [task()])
    (changed,) = trials(spec(), [task(version="ba9876543210")])
    assert id_with(trial, task_version="ba9876543210") == changed.id
    assert id_with(trial, task_version=trial.task.version) == trial.id


def test_a_setting_that_is_no_number_has_no_id() -> None:
    """NaN is not equal to itself: such a trial would never be found again."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Odd(IdleHarness):
        rate: float = float("nan")

    with pytest.raises(ValueError, match="not JSON compliant"):
        _id(spec(harnesses=(harness(harness=Odd()),)))


def test_another_identity_of_its_model_is_another_trial() -> None:
    (trial,) = trials(spec(), [task()])
    identity = trial.definition["model"]["identity"]
    assert with_identity(trial, identity) == trial
    assert replace(trial, definition={}) == trial, "its id says all of that"
    other = with_identity(trial, {"model_sha256": "ab"})
    assert other.id != trial.id
    assert other.definition["model"]["identity"] == {"model_sha256": "ab"}
    assert trial.definition["model"]["identity"] == identity


def test_the_lower_limit_holds() -> None:
    own = replace(HIGH, agent_s=5.0, tokens=10**6)
    (trial,) = trials(spec(limits=Limits(calls=3)), [task(limits=own)])
    assert trial.limits == replace(Limits(), agent_s=5.0, calls=3)


def test_a_label_says_what_a_trial_is() -> None:
    assert trials(TWO_BY_TWO, TASKS)[-1].label == "b Q4/y/two/1"


def test_a_trial_without_a_variant_has_the_id_that_it_always_had() -> None:
    found = spec((model(quant="Q4", sweep="q4", temperature=0.2),), seeds=2)
    assert [trial.id for trial in trials(found, [task()])] == [
        "d7446dddfce27b5f",
        "40887f7df90dede8",
    ]


def test_variants_of_a_model_and_of_a_harness_make_combos_of_their_own() -> None:
    found = trials(VARIANTS, [task()])
    assert [trial.label for trial in found] == [
        "a Q4 q4/h/t/0",
        "a Q4 q4/h diff/t/0",
        "a Q4 q4/h high/t/0",
        "a Q4 q4/h high + diff/t/0",
    ]
    assert len({trial.id for trial in found}) == 4
    assert len(plan(found)) == 2
    (only,) = choose(found, VARIANTS, only=[parse_choice("variant=high +*")])
    assert only.identity == ("q4", "a", "Q4", "h", "high + diff", "t", 0)


def test_each_variant_of_a_harness_is_launched_with_its_own_settings() -> None:
    found = trials(VARIANTS, [task()])
    assert [trial.definition["harness"]["settings"]["edits"] for trial in found] == [
        "whole",
        "diff",
        "whole",
        "diff",
    ]
    assert found[1].harness.harness == IdleHarness(edits="diff")


VARIANTS = spec(
    tuple(model("a", quant="Q4", sweep="q4", variant=name) for name in ("", "high")),
    (harness(), harness(variant="diff", harness=IdleHarness(edits="diff"))),
)


def test_choices_take_patterns_for_every_key() -> None:
    assert len(_only("model=a")) == 8
    assert len(_only("quant=")) == 8
    assert len(_only("quant=Q?")) == 8
    assert len(_only("sweep=")) == 16
    assert len(_only("harness=[xz],task=t*,seed=1")) == 2
    assert len(_only("model=b, harness=y, task=two, seed=0")) == 1


def test_a_choice_may_be_the_start_of_an_id() -> None:
    wanted = trials(TWO_BY_TWO, TASKS)[5]
    assert _only(wanted.id[:8]) == [wanted]
    assert _only(wanted.id) == [wanted]


def test_several_choices_add_up_and_exceptions_are_taken_off() -> None:
    found = trials(
        TWO_BY_TWO,
        TASKS,
        only=[parse_choice("model=a"), parse_choice("seed=0")],
        without=[parse_choice("harness=y"), parse_choice("task=two")],
    )
    assert {(t.model.name, t.harness.name, t.task.name, t.seed) for t in found} == {
        ("a", "x", "one", 0),
        ("a", "x", "one", 1),
        ("b", "x", "one", 0),
    }


def test_a_name_that_is_no_pattern_fits_itself() -> None:
    for name in ("a[1],b", "a=b"):
        odd = spec((model(name),))
        assert len(trials(odd, TASKS, only=[parse_choice(f"model={name}")])) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modle=a", "(did you mean 'model'?)"),
        ("a", "'a' is not a key; give the first digits of a trial's id, or KEY="),
        ("abc", "'abc' is not a key"),
        ("", "'' is not a key"),
        ("model=a,seeds=1", "(did you mean 'seed'?)"),
    ],
)
def test_what_is_no_choice_is_refused(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_choice(text)
    assert message in str(caught.value)


def test_choices_that_fit_nothing_are_refused_together() -> None:
    with pytest.raises(SettingsError) as caught:
        trials(
            TWO_BY_TWO,
            TASKS,
            only=[parse_choice("model=c"), parse_choice("model=a")],
            without=[parse_choice("00000000")],
        )
    assert tuple(map(str, caught.value.problems)) == (
        "'model=c': fits no trial of run.toml",
        "'00000000': fits no trial of run.toml",
    )


def test_tasks_are_chosen_by_name_and_pattern_in_their_order() -> None:
    found = choose_tasks(
        spec(tasks=("t*", "one")), (*TASKS, task("three"), task("four"))
    )
    assert [each.name for each in found] == ["one", "two", "three"]


def test_a_task_that_no_pack_has_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        choose_tasks(spec(tasks=("tow", "one", "x*")), TASKS)
    assert tuple(map(str, caught.value.problems)) == (
        "run.toml: [run] tasks names 'tow', which no pack has (did you mean 'two'?)",
        "run.toml: [run] tasks names 'x*', which no pack has",
    )


def test_one_name_in_two_packs_is_refused() -> None:
    with pytest.raises(TaskError) as caught:
        choose_tasks(spec(), [task("one", pack="p"), task("one", pack="q")])
    assert str(caught.value) == "one: is in several packs: p, q; rename one"


def test_ten_thousand_trials_are_planned_in_about_a_second() -> None:
    large = spec(
        tuple(model(f"m{n}") for n in range(10)),
        tuple(harness(f"h{n}") for n in range(5)),
        seeds=4,
    )
    tasks = [task(f"t{n}") for n in range(50)]
    began = time.process_time()
    groups = plan(
        trials(large, tasks, without=[parse_choice("model=m9,seed=3,task=t9")])
    )
    assert sum(len(group.trials) for group in groups) == 9_995
    assert time.process_time() - began < 3  # 0.4 s on an idle machine
