"""The output folder holds exactly the site, whatever happens on the way."""

import errno
import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from harness_bench.errors import PublishError
from sitegen.publish import (
    MANIFEST,
    STAGING,
    commit,
    gate_of,
    mend,
    plan,
    publish,
    served,
    stage,
)
from sitegen.site import Site
from tests.sitegen.folders import NEW, OLD, everything_in, files_in, folders_in


def refusal(site: Site, folder: Path, *, force: bool = False) -> str:
    """The message of a build that is refused."""
    with pytest.raises(PublishError) as caught:
        publish(site, folder, force=force)
    return str(caught.value)


def test_the_folder_and_its_parents_are_made(tmp_path: Path) -> None:
    changes = publish(OLD, tmp_path / "a" / "b")
    assert files_in(tmp_path / "a" / "b") == OLD
    assert changes.written == tuple(sorted(OLD))
    assert (changes.deleted, changes.unchanged, changes.edited) == ((), (), ())


def test_a_second_site_replaces_the_first_and_is_reported(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    changes = publish(NEW, tmp_path)
    assert files_in(tmp_path) == NEW
    assert folders_in(tmp_path) == {"models", "file", "assets"}
    assert changes.unchanged == ("same.html",)
    assert changes.deleted == (
        *("deep/er/gone.html", "file", "folder/page.html", "models/gone.html"),
    )
    assert changes.written == tuple(sorted(NEW.keys() - {"same.html"}))
    assert changes.edited == ()


def test_the_same_site_again_touches_nothing(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    before = everything_in(tmp_path)
    changes = publish(OLD, tmp_path)
    assert everything_in(tmp_path) == before
    assert changes.unchanged == tuple(sorted(OLD))


def test_an_unchanged_file_keeps_its_time(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    before = (tmp_path / "same.html").stat()
    publish(NEW, tmp_path)
    after = (tmp_path / "same.html").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_manifest_does_not_depend_on_the_order_of_the_site(tmp_path: Path) -> None:
    publish(OLD, tmp_path / "a")
    publish({path: OLD[path] for path in sorted(OLD, reverse=True)}, tmp_path / "b")
    one, other = ((tmp_path / each / MANIFEST).read_bytes() for each in "ab")
    assert one == other
    assert list(json.loads(one)["files"]) == sorted(OLD)


def test_a_file_added_by_hand_survives(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "models" / "mine.txt").write_text("mine")
    (tmp_path / "deep" / "er" / "mine.txt").write_text("mine")
    publish(NEW, tmp_path)
    assert (tmp_path / "models" / "mine.txt").read_text() == "mine"
    assert (tmp_path / "deep" / "er" / "mine.txt").read_text() == "mine"


def test_a_file_edited_by_hand_is_replaced_and_reported(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "index.html").write_text("by hand")
    (tmp_path / "models" / "gone.html").write_text("by hand")
    changes = publish(NEW, tmp_path)
    assert files_in(tmp_path) == NEW
    assert changes.edited == ("index.html", "models/gone.html")


def test_a_file_deleted_by_hand_comes_back(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "models" / "a.html").unlink()
    changes = publish(OLD, tmp_path)
    assert files_in(tmp_path) == OLD
    assert changes.written == ("models/a.html",)


def test_pages_come_last(tmp_path: Path) -> None:
    site = {"a.html": b"names the others", "b.js": b"", "c.html": b"", "d/e.svg": b""}
    for _ in stage(plan(site, tmp_path)):
        pass
    for _ in commit(tmp_path):
        if "a.html" in files_in(tmp_path):
            assert {"b.js", "d/e.svg"} <= files_in(tmp_path).keys()
    assert files_in(tmp_path) == site


# What is refused


@pytest.mark.parametrize(
    "stranger", ["notes.txt", "index.html", ".env", "models/x.html"]
)
def test_a_folder_that_is_not_ours_is_refused_and_untouched(
    tmp_path: Path, stranger: str
) -> None:
    (tmp_path / stranger).parent.mkdir(exist_ok=True)
    (tmp_path / stranger).write_text("somebody's work")
    before = everything_in(tmp_path)
    message = refusal(OLD, tmp_path)
    assert message.startswith(f"{tmp_path}: holds files that harness-bench did not")
    assert Path(stranger).parts[0] in message
    assert "--force" in message
    assert "\n" not in message
    assert everything_in(tmp_path) == before


def test_force_overrides_and_still_deletes_nothing_of_others(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("somebody's page")
    (tmp_path / "notes.txt").write_text("somebody's work")
    publish(OLD, tmp_path, force=True)
    assert files_in(tmp_path) == {**OLD, "notes.txt": b"somebody's work"}
    publish(NEW, tmp_path)
    assert files_in(tmp_path) == {**NEW, "notes.txt": b"somebody's work"}


def test_what_a_new_repository_holds_is_no_reason_to_refuse(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in ("README.md", ".gitignore", ".gitkeep", "CNAME", ".nojekyll"):
        (tmp_path / name).write_text(name)
    publish(OLD, tmp_path)
    assert files_in(tmp_path).items() >= OLD.items()
    assert (tmp_path / "README.md").read_text() == "README.md"


def test_a_foreign_file_where_a_new_page_goes_is_refused(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "models" / "b.html").write_text("somebody's page")
    before = everything_in(tmp_path)
    message = refusal(NEW, tmp_path)
    assert message.startswith(
        f"{tmp_path}/models/b.html: was not written by harness-bench;"
    )
    assert everything_in(tmp_path) == before
    publish(NEW, tmp_path, force=True)
    assert files_in(tmp_path) == NEW


def test_a_file_as_output_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    assert refusal(OLD, tmp_path / "site") == (
        f"{tmp_path}/site: is a file, not a folder"
    )
    assert refusal(OLD, tmp_path / "site", force=True)
    assert "not a directory" in refusal(OLD, tmp_path / "site" / "below")
    assert (tmp_path / "site").read_text() == "a file"


def test_a_folder_made_for_a_site_that_cannot_be_written_goes_with_it(
    tmp_path: Path,
) -> None:
    """One that was there stays, empty as it is."""
    too_long = {"/".join(["a" * 250] * 20): b"a"}
    (tmp_path / "old").mkdir()
    for name in ("old", "new"):
        assert "cannot be written" in refusal(too_long, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"[]",
        b"{}",
        b"\xff",
        b'{"files": {}, "format": 1, "generator": "somebody"}',
        b'{"files": {}, "format": 2, "generator": "harness-bench"}',
        b'{"files": [], "format": 1, "generator": "harness-bench"}',
        b'{"files": {"a": 1}, "format": 1, "generator": "harness-bench"}',
        b'{"files": {"../a": null}, "format": 1, "generator": "harness-bench"}',
        b'{"files": {"b": "", "/a": null}, "format": 1, "generator": "harness-bench"}',
        b'{"files": {"/etc/a": null}, "format": 1, "generator": "harness-bench"}',
        b'{"files": {"sitegen.json": ""}, "format": 1, "generator": "harness-bench"}',
    ],
)
def test_a_broken_or_foreign_manifest_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / MANIFEST).write_bytes(content)
    (tmp_path / "a").write_text("outside")
    before = everything_in(tmp_path)
    assert refusal(OLD, folder).startswith(f"{folder}/{MANIFEST}: is not a manifest")
    assert everything_in(tmp_path) == before
    publish(OLD, folder, force=True)
    assert files_in(folder) == OLD
    assert (tmp_path / "a").read_text() == "outside"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../up.html", "is not a plain path inside the site"),
        ("a/../../up.html", "is not a plain path inside the site"),
        ("/etc/up.html", "is not a plain path inside the site"),
        ("a//b.html", "is not a plain path inside the site"),
        ("", "is not a plain path inside the site"),
        ("a\\b.html", "is not a plain path inside the site"),
        ("a\0b.html", "control character"),
        ("a\nb.html", "control character"),
        ("_data/x.html", "would not be copied by Jekyll"),
        ("a/.x.html", "would not be copied by Jekyll"),
        ("#x.html", "would not be copied by Jekyll"),
        ("x.html~", "would not be copied by Jekyll"),
        ("x~/y.html", "would not be copied by Jekyll"),
        ("é" * 128 + ".html", "more than 255 bytes"),
        (MANIFEST, "is the name of the manifest"),
        ("page.html/below.html", ""),
    ],
)
def test_a_path_that_no_site_may_have_is_refused(
    tmp_path: Path, path: str, why: str
) -> None:
    site = {path: b"", "page.html": b""}
    assert why in refusal(site, tmp_path / "site", force=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("linked", ["models", "models/a.html", MANIFEST])
def test_nothing_is_written_through_a_symbolic_link(
    tmp_path: Path, linked: str
) -> None:
    folder, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    publish(OLD, folder)
    (folder / linked).rename(elsewhere)
    (folder / linked).symlink_to(elsewhere)
    before = everything_in(tmp_path)
    for force in (False, True):
        message = refusal(NEW, folder, force=force)
        assert f"{folder / linked}: is a symbolic link" in message
    assert everything_in(tmp_path) == before


def test_an_output_folder_that_is_itself_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to(tmp_path / "real")
    publish(OLD, tmp_path / "site")
    assert files_in(tmp_path / "real") == OLD


def test_a_folder_with_strangers_does_not_become_a_file(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "folder" / "mine").mkdir()
    before = everything_in(tmp_path)
    for force in (False, True):
        message = refusal(NEW, tmp_path, force=force)
        assert f"{tmp_path}/folder: is a folder that holds folder/mine" in message
    assert everything_in(tmp_path) == before


def test_a_pipe_where_a_page_goes_is_refused(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "index.html").unlink()
    os.mkfifo(tmp_path / "index.html")
    assert "index.html: is neither a file nor a folder" in refusal(NEW, tmp_path)


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "models" / "b.html").write_text("somebody's page")
    (tmp_path / "index.html").unlink()
    (tmp_path / "index.html").symlink_to("same.html")
    assert len(refusal(NEW, tmp_path).splitlines()) == 2


# What the disk refuses


def refusing(
    monkeypatch: pytest.MonkeyPatch, method: str, name: str, error: OSError
) -> None:
    """Every path of this name refuses this from now on."""
    real = getattr(Path, method)

    def maybe(path: Path, *words: object, **more: object) -> object:
        if path.name == name:
            raise error
        return real(path, *words, **more)

    # A disk that fails at one place cannot be had otherwise.
    monkeypatch.setattr(Path, method, maybe)


def test_a_disk_that_names_no_file_is_named_by_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, "mkdir", ".sitegen-staging", OSError(errno.EIO, "I/O error"))
    assert refusal(OLD, tmp_path) == (
        f"{tmp_path}: cannot be written (i/o error); nothing was changed"
    )


def test_a_disk_that_names_a_file_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OSError(errno.EIO, "I/O error", "/the/file")
    refusing(monkeypatch, "mkdir", ".sitegen-staging", error)
    assert refusal(OLD, tmp_path).startswith("/the/file: cannot be written (i/o error)")


def test_a_disk_that_fails_half_way_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, "replace", "3", OSError(errno.EIO, "I/O error"))
    message = refusal(OLD, tmp_path)
    assert message.endswith("some files are new and some old; build again to finish")
    monkeypatch.undo()
    assert mend(tmp_path)
    assert not (tmp_path / ".sitegen-staging").exists()
    assert files_in(tmp_path) == OLD


def test_a_folder_that_cannot_be_removed_is_told_and_one_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = {"a/b.html": b"", "c.html": b""}
    publish(site, tmp_path)
    refusing(monkeypatch, "rmdir", "a", OSError(errno.EBUSY, "Device busy", "a"))
    assert "device busy" in refusal({"c.html": b""}, tmp_path)
    monkeypatch.undo()
    publish(site, tmp_path)
    for code in (errno.ENOTEMPTY, errno.EEXIST):
        refusing(monkeypatch, "rmdir", "a", OSError(code, "Not empty"))
        publish({"c.html": b""}, tmp_path)
        assert folders_in(tmp_path) == {"a"}
        monkeypatch.undo()
        publish(site, tmp_path)


def test_every_bad_path_is_named_with_its_folder(tmp_path: Path) -> None:
    site = {"_a.html": b"", "b": b"", "b/c": b"", MANIFEST: b"", "ok.html": b""}
    folder = tmp_path / "site"
    found = sorted(refusal(site, folder).splitlines())
    assert [line.split(": ")[0] for line in found] == [
        f"{folder}/_a.html",
        f"{folder}/b",
        f"{folder}/{MANIFEST}",
    ]


def test_a_folder_that_is_gone_from_the_site_takes_its_empty_parents(
    tmp_path: Path,
) -> None:
    publish({"a/b/c/d.html": b"", "a/e.html": b""}, tmp_path)
    publish({"a/e.html": b""}, tmp_path)
    assert folders_in(tmp_path) == {"a"}


def test_so_it_does_where_somebody_took_the_folder_itself_away(tmp_path: Path) -> None:
    publish({"a/b/c.html": b"", "d.html": b""}, tmp_path)
    shutil.rmtree(tmp_path / "a" / "b")
    publish({"d.html": b""}, tmp_path)
    assert folders_in(tmp_path) == set()


@pytest.mark.parametrize("count", [3, 4])
def test_three_strangers_are_named(tmp_path: Path, count: int) -> None:
    for name in "dcba"[-count:]:
        (tmp_path / name).write_text("")
    more = ", \N{HORIZONTAL ELLIPSIS}" if count > 3 else ""
    assert f"(a, b, c{more})" in refusal(OLD, tmp_path)


def test_a_folder_stands_where_a_page_goes_and_is_empty_afterwards(
    tmp_path: Path,
) -> None:
    publish({"a/b": b""}, tmp_path)
    changes = publish({"a": b""}, tmp_path)
    assert files_in(tmp_path) == {"a": b""}
    assert (changes.written, changes.deleted) == (("a",), ("a/b",))


def test_a_file_stands_where_a_folder_goes(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "new").write_text("mine")
    message = refusal({**OLD, "new/page.html": b""}, tmp_path, force=True)
    assert f"{tmp_path}/new: is a file where a folder has to go" in message


def test_a_page_that_is_already_right_is_nobodys_work(tmp_path: Path) -> None:
    publish({"a.html": b"a"}, tmp_path)
    (tmp_path / "b.html").write_bytes(b"b")
    changes = publish({"a.html": b"a", "b.html": b"b"}, tmp_path)
    assert changes.unchanged == ("a.html", "b.html")
    assert set(json.loads((tmp_path / MANIFEST).read_bytes())["files"]) == {
        *("a.html", "b.html")
    }


def test_what_was_edited_is_told_and_what_a_killed_build_left_is_not(
    tmp_path: Path,
) -> None:
    publish({"a.html": b"a", "b.html": b"b"}, tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_bytes())
    manifest["files"]["a.html"] = None
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text("edited")
    assert publish({"c.html": b""}, tmp_path).edited == ("b.html",)


def test_the_folder_of_an_older_version_is_known(tmp_path: Path) -> None:
    """Else nobody could build into it after an update."""
    written = (
        b'{\n "files": {\n  "a.html": '
        b'"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"\n },\n'
        b' "format": 1,\n "generator": "harness-bench"\n}\n'
    )
    publish({"a.html": b"a"}, tmp_path)
    assert (tmp_path / MANIFEST).read_bytes() == written
    (tmp_path / "mine.html").write_text("mine")
    assert publish({"b.html": b"b"}, tmp_path).deleted == ("a.html",)


def test_nothing_is_forced_unless_somebody_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    with pytest.raises(PublishError, match="--force"):
        publish(OLD, tmp_path)
    with pytest.raises(PublishError, match="--force"):
        plan(OLD, tmp_path)


def test_what_the_gate_said_is_known_of_files_that_are_as_they_were_written(
    tmp_path: Path,
) -> None:
    site = {"a.html": b"a", "empty.css": b""}
    publish(site, tmp_path)
    assert {gate_of(tmp_path, path) for path in site} == {"on"}
    publish(site, tmp_path, searched=False)
    assert {gate_of(tmp_path, path) for path in site} == {"off"}
    (tmp_path / "a.html").write_text("b")
    (tmp_path / "empty.css").unlink()
    assert {gate_of(tmp_path, path) for path in site} == {"unknown"}


def test_every_file_is_served_but_the_manifest_and_what_git_and_builds_keep(
    tmp_path: Path,
) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    publish({"a.html": b"a"}, site)
    for folder in (site / ".git", site / STAGING, elsewhere):
        folder.mkdir()
        (folder / "x").write_text("x")
    (site / ".hidden").write_text("h")
    (site / "link").symlink_to(elsewhere)
    (site / "back").symlink_to(site)
    os.mknod(site / "socket", stat.S_IFSOCK | 0o600)
    assert served(site) == {"a.html": b"a", ".hidden": b"h", "link/x": b"x"}
