"""Tasks that are alike in one thing, and who does how well on them."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from harness_bench.errors import SettingsError
from sitegen.build import build
from sitegen.config import read_settings
from sitegen.inputs import Inputs, read_inputs
from sitegen.keys import GroupKey, HarnessKey
from sitegen.metadata import Metadata, TaskInfo
from sitegen.policy import Policy
from sitegen.stats.results import Scope, results
from tests.records import grid, inputs
from tests.sites import broken_links, page_text

CELLS = {
    f"{model}//{harness}": {"t1": "+", "t2": "+", "t3": "-" if model == "n" else "+"}
    for model in "mn"
    for harness in "xy"
}
INFOS = {
    "t1": TaskInfo(language="Python", category="web"),
    "t2": TaskInfo(language="Python", category="web"),
    "t3": TaskInfo(language="C", category="web"),
}


def scope(told: dict[str, dict[str, str]]) -> Scope:
    return results(grid(CELLS), Policy(), default_sweep=None, told=told).all


def site_of(infos: dict[str, TaskInfo]) -> dict[str, bytes]:
    return dict(build(with_tasks(infos)))


def with_tasks(infos: dict[str, TaskInfo]) -> Inputs:
    return replace(inputs(grid(CELLS), cells=True), metadata=Metadata(tasks=infos))


def test_a_group_counts_the_trials_of_its_tasks() -> None:
    language = {"t1": "Python", "t2": "Python", "t3": "C"}
    found = scope({"language": language}).in_groups
    assert list(found) == [GroupKey("language", "C"), GroupKey("language", "Python")]
    c, python = found.values()
    assert (c.whole.n_trials, c.whole.passed) == (4, 2)
    assert (python.whole.n_trials, python.whole.passed) == (8, 8)
    assert {s.key: s.rate for s in c.harnesses} == {
        HarnessKey("x"): Fraction(1, 2),
        HarnessKey("y"): Fraction(1, 2),
    }
    assert [(s.key.model, s.passed) for s in c.model_quants] == [("m", 2), ("n", 0)]
    assert len(c.combos) == 4


def test_a_column_that_says_the_same_of_every_task_groups_nothing() -> None:
    assert scope({"category": dict.fromkeys(("t1", "t2", "t3"), "web")}).groups == ()
    assert scope({}).groups == ()


def test_a_task_of_which_nothing_is_said_is_in_no_group() -> None:
    found = scope({"language": {"t1": "Python", "t3": "C"}})
    assert [s.n_trials for s in found.groups] == [4, 4]


def test_groups_have_pages_a_table_of_data_and_a_heatmap() -> None:
    site = site_of(INFOS)
    pages = {path: content for path, content in site.items() if path.endswith(".html")}
    assert broken_links(pages, site) == []
    assert "groups/language--python.html" in site
    assert not [path for path in site if path.startswith("groups/category")]
    page = page_text(site, "groups/language--c.html")
    assert "On its 1 task, 2 of 4 trials passed (50.0 %)." in page
    assert "By harness" in page
    assert "charts/model_group_heatmap.svg" in site
    first, *rows = site["data/task_groups.csv"].decode().splitlines()
    assert first.startswith("kind,model,quant,harness,group,value,n_trials")
    assert len(rows) == 2 * (2 + 2 + 4)
    assert "harness,,,x,language,C,2,2,1,1,0.5" in "\n".join(rows)
    assert b"groups/index.html" in site["index.html"]
    assert b"groups/language--c.html" in site["tasks/t3.html"]


def test_without_metadata_there_is_no_trace_of_groups() -> None:
    for infos in ({}, dict.fromkeys(("t1", "t2", "t3"), TaskInfo(language="C"))):
        site = site_of(infos)
        assert not [path for path in site if "group" in path]
        assert b"groups/" not in site["index.html"]


def folder(tmp_path: Path, settings: str) -> Path:
    (tmp_path / "cells.csv").write_text(
        "model,harness,task,passed\nm,x,t1,1\nm,x,t2,0\n", encoding="utf-8"
    )
    (tmp_path / "tasks.csv").write_text(
        "task,language,framework\nt1,Python,JAX\nt2,Python,PyTorch\n", encoding="utf-8"
    )
    (tmp_path / "site.toml").write_text(settings, encoding="utf-8")
    return tmp_path


def test_settings_name_the_columns_that_group_tasks(tmp_path: Path) -> None:
    settings = '[site]\ngroups = ["framework"]\n[publish]\ncells = true\n'
    found = read_inputs([folder(tmp_path, settings)])
    assert found.metadata.groups(("framework",)) == {
        "framework": {"t1": "JAX", "t2": "PyTorch"}
    }
    assert not any("framework" in notice for notice in found.notices)
    assert "groups/framework--jax.html" in build(found)


def test_a_column_that_no_setting_names_is_dropped(tmp_path: Path) -> None:
    found = read_inputs([folder(tmp_path, "")])
    assert any("framework" in notice for notice in found.notices)
    assert not [path for path in build(found) if path.startswith("groups/")]


def test_a_column_that_tells_tasks_apart_cannot_group_them(tmp_path: Path) -> None:
    path = folder(tmp_path, '[site]\ngroups = ["title"]\n') / "site.toml"
    with pytest.raises(SettingsError, match="tells tasks apart"):
        read_settings(path)


def test_numbered_tasks_keep_what_groups_them() -> None:
    found = with_tasks(INFOS)
    publish = replace(found.settings.publish, task_ids="numbered")
    numbered = replace(found, settings=replace(found.settings, publish=publish))
    site = build(numbered)
    assert "groups/language--c.html" in site
    assert b"task-03" in site["groups/language--c.html"]


def test_levels_stand_in_their_own_order_and_not_in_the_alphabets() -> None:
    level = {"t1": "Medium", "t2": "hard", "t3": "easy"}
    found = scope({"difficulty": level}).in_groups
    assert [key.value for key in found] == ["easy", "Medium", "hard"]
    infos = {task: TaskInfo(difficulty=value) for task, value in level.items()}
    page = site_of(infos)["groups/index.html"].decode()
    table = page[page.index("Tasks by difficulty") :]
    places = [table.index(f">{key.value}</a>") for key in found]
    assert places == sorted(places)
