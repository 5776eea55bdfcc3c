"""What is private around a site, as build, check, embed and serve find it."""

import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from harness_bench.errors import BenchError, GateError, SettingsError, StaleError
from harness_bench.readings import readings
from sitegen.cli import build, check, embed
from sitegen.gate.around import REPORT, Around, gate_around
from sitegen.gate.search import HASH
from sitegen.inputs import read_inputs
from sitegen.publish import MANIFEST, commit, plan, stage
from tests.harness_bench.wrappings import WRAPPINGS

ROWS = "model,harness,task,passed\n" + "".join(
    f"m{model},pi,{task},{int(model != task[-1])}\n"
    for model in "12"
    for task in ("parse_dates1", "merge2", "sort3")
)
SECRET = "Write a function that reads dates in nine formats, and says which."  # noqa: S105


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with results and a private task."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "bench"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("cells.csv").write_text(ROWS)
    Path("site.toml").write_text('[publish]\ncells = true\nprivate = ["tasks"]\n')
    task = Path("tasks/parse_dates1")
    task.mkdir(parents=True)
    (task / "instruction.md").write_text(f"# Dates\n\n{SECRET}\n")
    return folder


def around(folder: Path, **settings: str) -> Around:
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (folder / "site.toml").write_text(f"[publish]\n{lines}")
    results = folder / "cells.csv"
    out = folder / "site"
    return gate_around(read_inputs([results]), [results], out=out, shipped=[])


def lets_pass(found: Around, text: str) -> bool:
    try:
        found.gate.check({"a.html": text.encode()})
    except GateError:
        return False
    return True


def test_the_folders_that_the_settings_name_are_private(here: Path) -> None:
    found = around(here, private='["tasks"]')
    assert (found.files, found.warnings) == (1, ())
    assert not lets_pass(found, SECRET)
    assert lets_pass(found, "parse_dates1 and other public words of this very site")


def test_the_folder_of_a_run_is_private_but_for_what_the_site_is_made_of(
    here: Path,
) -> None:
    (here / "ledger").mkdir()
    (here / "traces").mkdir()
    (here / "traces" / "agent.log").write_text(f"said: {SECRET}")
    (here / REPORT).write_text("what a gate before has found and told to its author")
    found = around(here)
    assert found.files == 2
    assert not lets_pass(found, SECRET)


def test_public_names_of_every_run_are_public(here: Path) -> None:
    results = [Path(name) / "cells.csv" for name in ("a", "b")]
    title = "Read dates in nine formats, and say which one it was"
    for seed, path in enumerate(results):
        (path.parent / "ledger").mkdir(parents=True)
        path.write_text(f"model,harness,task,passed,seed\nm,h,t,1,{seed}\n")
        path.with_name("tasks.csv").write_text(f'task,title\nt,"{title}"\n')
        path.with_name("notes.txt").write_text(SECRET)

    found = gate_around(read_inputs(results), results, out=here / "site", shipped=[])

    assert lets_pass(found, title)
    assert not lets_pass(found, SECRET)


def test_a_warning_is_told_where_nothing_is_searched_for(here: Path) -> None:
    none = "no private files were searched for; [publish] private names the folders"
    assert [each[:70] for each in around(here).warnings] == [none[:70]]
    found = around(here, private='["tasks", "gone"]')
    assert found.warnings == (
        "gone: is no folder, so that nothing private was read there",
    )


def test_a_linked_folder_is_told(here: Path) -> None:
    (here / "tasks" / "same").symlink_to(here / "tasks" / "parse_dates1")
    assert around(here, private='["tasks"]').warnings == ()
    (here / "tasks" / "other").symlink_to("/")
    (here / "more").mkdir()
    (warning,) = around(here, private='["tasks", "more"]').warnings
    assert warning.startswith("linked folders were not read: tasks/other;")


def test_a_file_that_was_not_read_whole_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sitegen.gate.private_text._LARGEST", 10)
    assert around(here, private='["tasks"]').warnings == (
        "1 private files were not read whole: tasks/parse_dates1/instruction.md",
    )


def test_an_allow_file_lets_its_texts_pass(here: Path) -> None:
    (here / "allow.toml").write_text(
        f'[[allow]]\ntext = "{SECRET}"\nreason = "it was announced"\n'
    )
    assert lets_pass(around(here, private='["."]', allow='"allow.toml"'), SECRET)
    with pytest.raises(SettingsError, match=r"\[publish\] allow"):
        around(here, allow='"none.toml"')


@pytest.mark.parametrize("ids", ["plain", "numbered"])
def test_names_of_tasks_are_private_where_numbers_stand_for_them(
    here: Path, ids: str
) -> None:
    found = around(here, task_ids=f'"{ids}"')
    assert lets_pass(found, "<b>parse_dates1</b>") == (ids == "plain")
    assert lets_pass(found, "merge")


def test_paths_and_secrets_of_this_machine_are_private(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_API_KEY", "correct horse battery")
    found = around(here)
    assert not lets_pass(found, f"in {here}/tasks")
    assert not lets_pass(found, "correct horse battery")


def test_a_user_called_like_a_model_is_no_leak(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "opus")
    (here / "cells.csv").write_text(ROWS)
    assert not lets_pass(around(here), "opus")
    (here / "cells.csv").write_text(ROWS.replace("m1", "opus"))
    assert lets_pass(around(here), "opus")


# The commands


def run(command: click.Command, *words: str) -> Result:
    return CliRunner().invoke(command, words, catch_exceptions=True)


def refusal(result: Result) -> BenchError:
    assert isinstance(result.exception, BenchError), result.exception
    return result.exception


def test_a_build_says_how_many_private_files_it_searched_for(here: Path) -> None:
    done = run(build, "cells.csv")
    assert done.exit_code == 0, done.exception
    assert "gate: the text of 1 private file is not in the site" in done.stderr
    Path("site.toml").unlink()
    assert (
        "warning: no private files were searched for" in run(build, "cells.csv").stderr
    )
    assert here.is_dir()


def test_a_build_with_private_text_writes_the_report_and_nothing_else(
    here: Path,
) -> None:
    settings = f'[site]\nnote = "{SECRET}"\n[publish]\nprivate = ["tasks"]\n'
    Path("site.toml").write_text(settings)
    error = refusal(run(build, "cells.csv"))
    assert error.exit_code == 3
    *places, last = map(str, error.problems)
    assert places
    assert "reads dates" not in str(error)
    assert last == (f"nothing was published; the text is in {REPORT}, which is private")
    assert "function that reads dates" in Path(REPORT).read_text()
    assert Path(REPORT).stat().st_mode & 0o777 == 0o600
    assert not Path("site").exists()
    Path("site.toml").unlink()
    assert run(build, "cells.csv").exit_code == 0
    assert not Path(REPORT).exists()
    Path(REPORT).write_text("somebody's")
    assert run(build, "cells.csv").exit_code == 0
    assert Path(REPORT).exists()
    assert here.is_dir()


def test_without_the_gate_a_site_is_marked_until_it_is_built_with_it(
    here: Path,
) -> None:
    assert "gate" not in built().read_text()
    done = run(build, "cells.csv", "--no-gate")
    assert "WARNING: the gate was off" in done.stderr
    assert '"gate": "off"' in built("--no-gate").read_text()
    error = refusal(run(check, "cells.csv"))
    assert isinstance(error, StaleError)
    assert "site: was built with --no-gate" in str(error)
    shown = run(embed, "task_difficulty")
    assert "WARNING: this site was built with --no-gate" in shown.stderr
    assert shown.stdout.startswith("<iframe")
    assert "gate" not in built().read_text()
    assert run(check, "cells.csv").exit_code == 0
    assert here.is_dir()


def built(*words: str) -> Path:
    assert run(build, "cells.csv", *words).exit_code == 0
    return Path("site") / MANIFEST


def test_check_says_what_is_old_and_ends_with_3(here: Path) -> None:
    error = refusal(run(check, "cells.csv"))
    assert error.exit_code == 3
    assert str(error.problems[0]) == "site: is not there"
    built()
    done = run(check, "cells.csv")
    assert done.exit_code == 0, done.exception
    assert "files are what their sources give" in done.stderr
    assert done.stdout == ""
    (here / "site" / "index.html").write_text("by hand")
    (here / "site" / "data.html").unlink()
    error = refusal(run(check, "cells.csv"))
    assert list(map(str, error.problems)) == [
        "data.html: is not what its sources give",
        "index.html: is not what its sources give",
        "harness-bench build makes it anew",
    ]
    assert (here / "site" / "index.html").read_text() == "by hand"


def test_check_tells_twenty_old_files_and_counts_the_rest(here: Path) -> None:
    built()
    for path in (here / "site").rglob("*.json"):
        if path.name != MANIFEST:
            path.write_text("by hand")
    *told, more, _ = map(str, refusal(run(check, "cells.csv")).problems)
    assert len(told) == 20
    assert more.startswith("… and ")
    shutil.rmtree(here / "site")
    built()
    Path("cells.csv").write_text(ROWS.replace("m1", "m3"))
    *told, _, _ = map(str, refusal(run(check, "cells.csv")).problems)
    assert len(told) == 20


def test_check_tells_pages_of_an_earlier_build(here: Path) -> None:
    built()
    manifest = here / "site" / MANIFEST
    known = json.loads(manifest.read_text())
    known["files"]["old.html"] = None
    manifest.write_text(json.dumps(known))
    (here / "site" / "old.html").write_text("old")
    error = refusal(run(check, "cells.csv"))
    assert str(error.problems[0]) == "old.html: is of an earlier build"


def test_check_searches_what_others_put_beside_the_site(here: Path) -> None:
    built()
    (here / "site" / "_posts").mkdir()
    (here / "site" / "_posts" / "post.md").write_text(f"We ask: *{SECRET}*")
    (here / "site" / ".git").mkdir()
    (here / "site" / ".git" / "x").write_text(SECRET)
    error = refusal(run(check, "cells.csv"))
    assert isinstance(error, GateError)
    assert [each.where for each in error.problems] == ["_posts/post.md", ""]


def test_a_killed_build_is_finished_by_check_and_embed(here: Path) -> None:
    for number, (command, word) in enumerate(
        [(check, "cells.csv"), (embed, "task_difficulty")]
    ):
        built()
        folder = here / "site"
        files = {
            each.relative_to(folder).as_posix(): each.read_bytes()
            for each in folder.rglob("*")
            if each.is_file() and each.name != MANIFEST
        }
        page = folder / "index.html"
        page.write_text(f"old {number}")
        for _ in stage(plan(files, folder)):
            pass
        next(commit(folder))
        done = run(command, word)
        assert done.exit_code == 0, done.exception
        assert page.read_bytes() == files["index.html"]


def test_embed_shows_no_list_that_the_gate_has_not_seen(here: Path) -> None:
    built()
    charts = here / "site" / "data" / "charts.json"
    charts.write_text(charts.read_text().replace('"title": "', '"title": "My '))
    error = refusal(run(embed, "task_difficulty"))
    assert isinstance(error, GateError)
    assert str(error) == (
        "site/data/charts.json: is not what the gate let pass; build the site again"
    )


# Planted where an author writes


def planted(secret: str) -> Iterator[str]:
    """Write the text into one place after the other."""
    metadata = {
        "models.csv": ("model", "m1", ("title", "note", "family", "vendor")),
        "harnesses.csv": ("harness", "pi", ("title", "note", "settings")),
        "tasks.csv": ("task", "merge2", ("title", "note", "language", "category")),
    }
    for name, (key, who, columns) in metadata.items():
        for column in columns:
            Path(name).write_text(f'{key},{column}\n{who},"{secret}"\n')
            yield f"{name} {column}"
        Path(name).unlink()
    own = '[publish]\nprivate = ["tasks"]\n'
    for key in ("title", "question", "note", "status"):
        Path("site.toml").write_text(f"[site]\n{key} = '''{secret}'''\n{own}")
        yield f"[site] {key}"
    Path("notes.md").write_text(f"# Notes\n\n> {secret}\n")
    Path("site.toml").write_text(f'[site]\nnotes = "notes.md"\n{own}')
    yield "the notes"
    Path("site.toml").write_text(own)
    Path("templates/assets").mkdir(parents=True)
    Path("templates/404.html").write_text(f"<!-- {secret} -->")
    yield "a template"
    Path("templates/404.html").unlink()
    for name in ("PNG zTXt", "PNG tEXt", "PNG iTXt"):
        Path("templates/assets/icon.png").write_bytes(WRAPPINGS[name](secret))
        yield name
    Path("templates/assets/icon.png").unlink()
    Path("templates/assets/icon.svg").write_text(f"<svg><desc>{secret}</desc></svg>")
    yield "a picture"


@pytest.mark.slow
def test_what_an_author_writes_anywhere_is_searched(here: Path) -> None:
    secret = SECRET.replace(",", "")
    passed = []
    for place in planted(secret):
        words = ["--templates", "templates"] if Path("templates").exists() else []
        result = run(build, "cells.csv", *words)
        if not isinstance(result.exception, GateError):
            passed.append((place, result.exception))
    assert passed == []
    assert not (here / "site").exists()


def test_two_hundred_secrets_in_every_private_place_are_nowhere_in_a_normal_site(
    here: Path,
) -> None:
    draw = random.Random(15)  # noqa: S311 - no secret is made
    secrets = [f"secret{draw.getrandbits(64):016x}" for _ in range(200)]
    free = (
        *("sampling", "harness_version", "model_sha256", "server_build", "hardware"),
        *("runner_version", "sandbox", "started_at", "prompt", "trace", "note"),
    )
    left = iter(secrets)
    rows = [f"model,harness,task,passed,{','.join(free)}"]
    rows += [
        ",".join([row, *(next(left) for _ in free)]) for row in ROWS.splitlines()[1:]
    ]
    Path("cells.csv").write_text("\n".join(rows) + "\n")
    for number, each in enumerate(left):
        name = ("starter", "tests", "solution", "wrong/x", "")[number % 5]
        folder = Path("tasks/parse_dates1") / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{each}.txt").write_text(f"{SECRET} {each}")
    manifest = built()
    site = [each for each in manifest.parent.rglob("*") if each.is_file()]
    whole = b"\n".join(each.read_bytes() + str(each).encode() for each in site)
    assert [each for each in secrets if each.encode() in whole] == []
    assert here.is_dir()


@pytest.mark.parametrize("path", ["sub/.hid", ".well-known/x.txt", "deep/er/post.md"])
def test_check_searches_whatever_a_server_could_take(here: Path, path: str) -> None:
    assert run(build, "cells.csv").exit_code == 0
    planted = here / "site" / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(SECRET)
    assert isinstance(refusal(run(check, "cells.csv")), GateError)


def test_check_follows_links_out_of_the_folder_and_back(here: Path) -> None:
    assert run(build, "cells.csv").exit_code == 0
    (here / "site" / "round").symlink_to(".")
    assert run(check, "cells.csv").exit_code == 0
    (here / "site" / "linked").symlink_to("../tasks")
    assert isinstance(refusal(run(check, "cells.csv")), GateError)


def test_check_leaves_the_history_of_git_alone(here: Path) -> None:
    assert run(build, "cells.csv").exit_code == 0
    history = here / "site" / ".git" / "packed"
    history.parent.mkdir()
    history.write_text(SECRET)
    assert run(check, "cells.csv").exit_code == 0


SITE = {"a.html": b"<p>Nothing private stands here.</p>", "b.html": b"Nor here."}


def searched(monkeypatch: pytest.MonkeyPatch, found: Around) -> list[bytes]:
    """What of the site such a gate reads, names of files apart."""
    read: list[bytes] = []

    def reading(content: bytes) -> Iterator[str]:
        read.append(content)
        return readings(content)

    monkeypatch.setattr("sitegen.gate.search.readings", reading)
    found.gate.check(SITE)
    return sorted({*read} & {*SITE.values()})


def test_what_a_build_has_searched_the_next_one_knows(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = around(here, private='["tasks"]')
    assert searched(monkeypatch, first) == sorted(SITE.values())
    assert searched(monkeypatch, around(here, private='["tasks"]'))
    first.remember()
    assert searched(monkeypatch, around(here, private='["tasks"]')) == []
    kept = first.verdicts
    assert len(kept.read_bytes()) == HASH * len(SITE)
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "change",
    [
        "os.environ['NEW_KEY'] = 'sesame-open-it'",
        "Path('tasks/parse_dates1/more.md').write_text('Nothing private stands here.')",
        "Path('tasks/parse_dates1/instruction.md').write_text('a' * 90)",
        "Path('cells.csv').write_text(ROWS.replace('m1', 'm7'))",
    ],
)
def test_whatever_decides_what_is_found_lets_all_be_searched_again(
    here: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setenv("NEW_KEY", "another-value")
    first = around(here, private='["tasks"]')
    first.gate.check(SITE)
    first.remember()
    exec(change, {"Path": Path, "ROWS": ROWS, "os": os})  # noqa: S102 - written above
    after = around(here, private='["tasks"]')
    assert searched(monkeypatch, after) == sorted(SITE.values())


def test_an_index_that_other_code_made_is_not_read(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("sitegen.gate.around._rules", lambda: "another version")
        earlier.setattr("sitegen.gate.private_text.words", lambda _: "")
        assert lets_pass(around(here, private='["tasks"]'), SECRET)
    assert not lets_pass(around(here, private='["tasks"]'), SECRET)


def test_what_holds_something_private_is_never_remembered(here: Path) -> None:
    first = around(here, private='["tasks"]')
    with pytest.raises(GateError):
        first.gate.check({**SITE, "c.html": SECRET.encode()})
    first.remember()
    assert len(first.verdicts.read_bytes()) == HASH * len(SITE)
    assert not lets_pass(around(here, private='["tasks"]'), SECRET)


def test_half_a_file_of_verdicts_lets_nothing_pass(here: Path) -> None:
    first = around(here, private='["tasks"]')
    first.gate.check(SITE)
    first.remember()
    first.verdicts.write_bytes(first.verdicts.read_bytes()[:40] + b"x" * 80)
    assert not lets_pass(around(here, private='["tasks"]'), SECRET)


def test_what_is_remembered_of_a_site_alone_is_for_its_owner(here: Path) -> None:
    first = around(here)
    assert not first.verdicts.parent.exists()
    first.remember()
    assert first.verdicts.parent.stat().st_mode & 0o777 == 0o700
