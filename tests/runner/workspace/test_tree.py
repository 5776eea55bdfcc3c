"""What somebody else has filled is walked and removed, whatever it is."""

import os
import stat
from pathlib import Path

import pytest

from runner.workspace.tree import Tree, _set_mode, remove


def test_no_link_is_followed_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("x")
    work = tmp_path / "work"
    work.mkdir()
    (work / "out").symlink_to(tmp_path / "secret")
    (work / "file").symlink_to(tmp_path / "secret" / "file")
    (work / "root").symlink_to("/proc/1/root")
    with Tree(work) as tree:
        assert sorted(found.name for found in tree.walk()) == ["file", "out", "root"]
        with pytest.raises(OSError, match="out"):
            tree.folder("out")
        with pytest.raises(OSError, match="out"):
            tree.open("out/file")
        with pytest.raises(OSError, match="file"):
            tree.open("file")
    assert remove(work)
    assert (tmp_path / "secret" / "file").exists()


def test_a_link_to_a_folder_is_no_tree(tmp_path: Path) -> None:
    # Not to a folder of the system: a fault here once changed its mode.
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="link"):
        Tree(tmp_path / "link")
    assert not remove(tmp_path / "link")


def test_what_changes_under_a_walk_is_passed_over(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "work" / name).mkdir(parents=True)
        (tmp_path / "work" / name / "file").touch()
    seen = []
    with Tree(tmp_path / "work") as tree:
        for name, _ in tree.walk(alive=True):
            seen.append(name)
            if len(seen) == 2:  # both folders are seen, and none is entered
                for folder in ("a", "b"):
                    path = tmp_path / "work" / folder
                    path.rename(tmp_path / folder)
                    path.symlink_to(tmp_path / folder)
    assert sorted(seen) == ["a", "b"]


def test_a_folder_moved_away_is_not_taken_for_the_one_that_came(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "a").mkdir(parents=True)
    seen = []
    with Tree(work) as tree:
        for name, _ in tree.walk(alive=True):
            seen.append(name)
            if name == "a":
                (work / "a").rename(tmp_path / "a")
                (work / "a").mkdir()
                (work / "a" / "file").touch()
    assert seen == ["a"]


def test_five_thousand_folders_in_each_other_are_removed(tmp_path: Path) -> None:
    here = Path.cwd()
    work = tmp_path / "work"
    work.mkdir()
    try:
        os.chdir(work)
        for _ in range(5_000):
            os.mkdir("d" * 100)  # noqa: PTH102 - relative, as an agent can
            os.chdir("d" * 100)
    finally:
        os.chdir(here)
    assert remove(work)


def test_names_that_removal_gives_are_no_names_of_its_own(tmp_path: Path) -> None:
    work = tmp_path / "work"
    for name in (".1", ".2/.1/.3", "x/.1/.2"):
        (work / name).mkdir(parents=True)
        (work / name / "file").touch()
    (work / ".3").touch()
    assert remove(work)


def test_what_is_not_there_is_removed(tmp_path: Path) -> None:
    assert remove(tmp_path / "nothing")


def test_removing_a_link_leaves_what_it_leads_to_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "inner").mkdir(parents=True)
    target.chmod(0o755)
    link = tmp_path / "link"
    link.symlink_to(target)
    assert not remove(link)
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert (target / "inner").is_dir()


def test_removing_a_folder_changes_no_mode_behind_its_links(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir(mode=0o755)
    target.chmod(0o755)
    folder = tmp_path / "folder"
    (folder / "locked").mkdir(parents=True)
    (folder / "locked" / "link").symlink_to(target)
    (folder / "link").symlink_to(target)
    (folder / "locked").chmod(0)
    assert remove(folder)
    assert stat.S_IMODE(target.stat().st_mode) == 0o755


def test_opening_up_changes_no_mode_behind_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    target.chmod(0o500)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(target)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with pytest.raises(OSError, match="symbolic links"):
            _set_mode("link", 0o700, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    assert stat.S_IMODE(target.stat().st_mode) == 0o500
