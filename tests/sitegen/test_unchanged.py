"""A build that would change nothing is answered, and never one that would."""

import os
import re
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness_bench import start
from harness_bench.cache import cache_folder
from sitegen import unchanged
from sitegen.gate import machine
from sitegen.publish import MANIFEST, STAGING
from sitegen.unchanged import answered, remember

ROWS = "model,harness,task,passed\nm1,pi,t1,1\nm1,pi,t2,0\nm2,pi,t1,0\nm2,pi,t2,1\n"
SETTINGS = """
[site]
notes = "notes.md"
claims = "claims.toml"
[publish]
cells = true
private = ["tasks"]
allow = "allow.toml"
"""
FILES = {
    "cells.csv": ROWS,
    "site.toml": SETTINGS,
    "notes.md": "Nothing to say.",
    "claims.toml": "",
    "allow.toml": "",
    "tasks/t1/instruction.md": "Write a function that reads dates in nine formats.",
    "templates/404.html": "gone",
    "code/thing.py": "",
}
ARGUMENTS = ["build", "cells.csv", "--templates", "templates"]
LATER_NS = 10**9


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A folder in which a site was built, and what that build lets be remembered."""
    folder = tmp_path_factory.mktemp("built")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    asked: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        around(folder, patch)
        patch.setattr(unchanged, "remember", lambda **given: asked.update(given))
        with pytest.raises(SystemExit) as ended:
            start.main()
        assert ended.value.code == 0
    return {**asked, "folder": folder}


def around(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(folder)
    # It differs between a fixture and its test.
    shell = unchanged._OF_THE_WINDOW | {"PYTEST_CURRENT_TEST"}  # noqa: SLF001
    patch.setattr(unchanged, "_OF_THE_WINDOW", shell)
    patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
    patch.setenv("SOME_KEY", "a-secret-value")
    patch.setattr(sys, "argv", ["harness-bench", *ARGUMENTS])
    # A plugin, and a place where others could be.
    patch.setitem(sys.modules, "thing", types.ModuleType("thing"))
    sys.modules["thing"].__file__ = str(folder / "code/thing.py")
    patch.setattr(sys, "path", [str(folder / "code"), *sys.path[1:]])


@pytest.fixture
def known(built: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, where the next build would be answered."""
    folder: Path = built["folder"]
    around(folder, monkeypatch)
    given = {name: value for name, value in built.items() if name != "folder"}
    remember(**{**given, "began_ns": time.time_ns() + LATER_NS})
    assert answered()
    return folder


def wrote(name: str, text: str) -> Callable[[pytest.MonkeyPatch], None]:
    def change(_: pytest.MonkeyPatch) -> None:
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return change


def edited_in_secret(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """As long as before, and as if it were as old."""

    def change(_: pytest.MonkeyPatch) -> None:
        path, before = Path(name), Path(name).stat()
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return change


def linked(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    def change(_: pytest.MonkeyPatch) -> None:
        path = Path(name)
        path.rename(path.with_name("elsewhere"))
        path.symlink_to("elsewhere")

    return change


CHANGES: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    **{f"{name} is edited": edited_in_secret(name) for name in FILES if FILES[name]},
    **{f"{name} is filled": wrote(name, " ") for name in FILES if not FILES[name]},
    "a source is touched": lambda _: os.utime("cells.csv"),
    **{
        f"{name} is there": wrote(name, "x")
        for name in (
            *("models.csv", "harnesses.csv", "tasks.csv", "cells.models.csv"),
            *("cells.site.toml", "not-counted.txt", "gate-report.txt"),
            *("site.problems.txt", "tasks/t1/more.md", "templates/partials/x.html"),
            *("posts/new.md", "pins/new"),
            *("code/other.dist-info", f"site/{STAGING}/journal", "ledger/rows"),
        )
    },
    "a private file is gone": lambda _: Path("tasks/t1/instruction.md").unlink(),
    "the private folder is gone": lambda _: Path("tasks").rename("tusks"),
    **{
        f"{name} of the site is edited": edited_in_secret(f"site/{name}")
        for name in ("index.html", MANIFEST)
    },
    "a page is gone": lambda _: Path("site/index.html").unlink(),
    "a page is a link": linked("site/index.html"),
    "a folder is a link": linked("site/models"),
    "the site is gone": lambda _: Path("site").rename("sate"),
    "a secret is another": lambda patch: patch.setenv("SOME_KEY", "another-value"),
    "there is one secret more": lambda patch: patch.setenv(
        "MORE_KEY", "a-secret-value"
    ),
    "the time of sources is another": lambda p: p.setenv("SOURCE_DATE_EPOCH", "1"),
    "the home is another": lambda patch: patch.setenv("HOME", "/somewhere"),
    "python is another": lambda patch: patch.setattr(sys, "version", "4.0"),
    "the path is another": lambda patch: patch.setattr(sys, "path", sys.path[1:]),
    "the settings are others": lambda patch: patch.setattr(
        sys, "argv", [*sys.argv, "--settings", "site.toml"]
    ),
    "the gate is off": lambda patch: patch.setattr(
        sys, "argv", [*sys.argv, "--no-gate"]
    ),
    "the cache is another": lambda p: p.setenv("XDG_CACHE_HOME", "/c"),
    "the record is half": lambda _: cut_record(),
}


def cut_record() -> None:
    (record,) = (cache_folder() / "builds").glob("*.json")
    record.write_text(record.read_text()[:5000])


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_could_change_the_site_leads_to_a_whole_build(
    known: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    kept = tmp_path_factory.mktemp("kept") / "all"
    subprocess.run(["cp", "-a", str(known), str(kept)], check=True)  # noqa: S607
    CHANGES[change](monkeypatch)
    try:
        assert not answered()
    finally:
        monkeypatch.undo()
        subprocess.run(["rm", "-rf", str(known)], check=True)  # noqa: S607
        subprocess.run(["cp", "-a", str(kept), str(known)], check=True)  # noqa: S607


def test_the_answer_is_the_last_lines_of_a_build_that_wrote_nothing(
    known: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    capsys.readouterr()
    start.main()
    fast = capsys.readouterr()
    assert "; 0 files written, " in fast.err
    assert fast.out == "site\n"
    monkeypatch.setattr(unchanged, "answered", lambda: False)
    with pytest.raises(SystemExit):
        start.main()
    assert capsys.readouterr() == fast
    assert known.is_dir()


def test_what_lies_beside_the_site_and_the_terminal_do_not_matter(
    known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (known / "site/mine.txt").write_text("mine")
    monkeypatch.setenv("COLUMNS", "71")
    assert answered()
    named = unchanged._OF_THE_WINDOW  # noqa: SLF001 - what the gate would look at
    assert not [name for name in named if machine._SECRET.search(name)]  # noqa: SLF001


def test_what_changed_while_a_build_was_at_work_is_not_remembered(
    built: dict[str, Any], known: Path
) -> None:
    given = {name: value for name, value in built.items() if name != "folder"}
    os.utime(known / "notes.md")
    began_ns = (known / "notes.md").stat().st_ctime_ns
    remember(**{**given, "began_ns": began_ns})
    assert not answered()
    edited_in_secret("site/index.html")(pytest.MonkeyPatch())
    remember(**{**given, "began_ns": time.time_ns() + LATER_NS})
    assert not answered()
    edited_in_secret("site/index.html")(pytest.MonkeyPatch())
    remember(**{**given, "began_ns": time.time_ns() + LATER_NS})
    assert answered()


def test_a_record_is_private_and_holds_no_secret(known: Path) -> None:
    (record,) = (cache_folder() / "builds").glob("*.json")
    assert known.is_dir()
    assert record.stat().st_mode & 0o777 == 0o600
    assert "a-secret-value" not in record.read_text()
    assert "nine formats" not in record.read_text()


def test_an_answer_imports_nothing_slow(known: Path) -> None:
    program = (
        "import sys; sys.argv[1:] = ['build']; before = {*sys.modules};"
        "from harness_bench.start import main;"
        "import sitegen.unchanged; sitegen.unchanged.answered = lambda: True; main();"
        "print(*sorted({each.partition('.')[0] for each in {*sys.modules} - before}))"
    )
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    slow = {
        "re",
        "json",
        "typing",
        "pathlib",
        "dataclasses",
        "click",
        "numpy",
        "pandas",
    }
    assert {"harness_bench", "sitegen"} <= {*done.stdout.split()}
    assert not slow & {*done.stdout.split()}
    assert known.is_dir()


def test_timings_are_told_and_of_a_whole_build(
    known: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--timings"])
    for _ in range(2):
        with pytest.raises(SystemExit):
            start.main()
        told = capsys.readouterr().err
        lines = re.findall(r"^ +\d+\.\d\d s  (.+)$", told, re.MULTILINE)
        assert lines == [
            "starting",
            "reading",
            "numbers and charts",
            "data files and pages",
            "pictures and embedded pages",
            "gate",
            "writing",
        ]
    assert known.is_dir()
