"""Workspaces come back as they were, whatever an agent left in them."""

import io
import os
import shutil
import socket
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.errors import RunError
from runner.workspace import workspace
from runner.workspace.tree import remove
from runner.workspace.workspace import (
    OversizeError,
    digest,
    folder_bytes,
    freeze,
    lay_out,
    texts,
    thaw,
)

_part = st.text("abc.-\u00e9\ud800", min_size=1, max_size=3).filter(
    lambda name: name not in {".", ".."}
)
_paths = st.lists(_part, min_size=1, max_size=3).map("/".join)
_contents = st.one_of(
    st.tuples(st.just("file"), st.binary(max_size=9)),
    st.tuples(st.just("program"), st.binary(max_size=9)),
    st.tuples(st.just("folder"), st.just(b"")),
    st.tuples(st.just("link"), st.sampled_from([b"a", b"../..", b"/etc", b"a//b"])),
)
trees = st.dictionaries(_paths, _contents, max_size=6)


def _native(name: str) -> bytes:
    # A lone surrogate is how Python spells a byte that is no text.
    return name.encode("utf-8", "replace").replace(b"?", b"\xff")


def _grow(root: Path, tree: dict[str, tuple[str, bytes]]) -> None:
    """Make a tree of files; what does not fit to what is there is left out."""
    root.mkdir()
    for name, (kind, content) in tree.items():
        path = Path(os.fsdecode(os.fsencode(root) + b"/" + _native(name)))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "folder":
                path.mkdir()
            elif kind == "link":
                path.symlink_to(os.fsdecode(content))
            else:
                path.write_bytes(content)
                path.chmod(0o755 if kind == "program" else 0o644)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
        except OSError:  # through a link that leads outside or round
            continue


def _small(root: Path) -> Path:
    root.mkdir()
    (root / "src").mkdir()
    (root / "src" / "main.py").write_text("print(1)\n")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("src/main.py")
    return root


@settings(max_examples=50)
@given(trees)
def test_what_was_frozen_is_thawed(tree: dict[str, tuple[str, bytes]]) -> None:
    with TemporaryDirectory() as name:
        root = Path(name)
        safe = {path: what for path, what in tree.items() if what[0] != "link"}
        links = {path: what for path, what in tree.items() if what[0] == "link"}
        _grow(root / "work", safe | links)
        before = digest(root / "work")
        frozen = freeze(root / "work", root / "archives")
        thaw(frozen.path, root / "again")
        assert before == frozen.sha256 == digest(root / "again")


def test_a_hash_depends_on_content_names_kinds_and_targets_alone(
    tmp_path: Path,
) -> None:
    one = _small(tmp_path / "one")
    before = digest(one)

    other = tmp_path / "other"
    other.mkdir()
    for name in ("link", "run.sh", "src"):  # made in another order, at another time
        (one / name).rename(other / name)
    for path in other.rglob("*.py"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    assert digest(other) == before

    main, link = other / "src" / "main.py", other / "link"
    changes: list[Callable[[], object]] = [
        lambda: main.write_text("print(2)\n"),
        lambda: main.chmod(0o755),
        lambda: main.rename(other / "src" / "main.txt"),
        (other / "empty").mkdir,
        link.unlink,
        lambda: link.symlink_to("src/main.txt"),
        main.touch,
    ]
    seen = {before}
    for change in changes:
        change()
        assert digest(other) not in seen
        seen.add(digest(other))


def test_names_and_contents_cannot_pass_for_each_other(tmp_path: Path) -> None:
    hashes = set()
    for place, files in enumerate([{"ab": "c"}, {"a": "bc"}, {"a": "b", "c": ""}]):
        folder = tmp_path / str(place)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        hashes.add(digest(folder))
    assert len(hashes) == 3


def test_an_archive_is_the_same_bytes_anywhere_at_any_time(tmp_path: Path) -> None:
    one = _small(tmp_path / "one")
    shutil.copytree(one, tmp_path / "two", symlinks=True)
    for path in (tmp_path / "two").rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    first = freeze(one, tmp_path / "a")
    second = freeze(tmp_path / "two", tmp_path / "b")
    assert first.path.name == second.path.name == f"{first.sha256}.tar.gz"
    assert first.path.read_bytes() == second.path.read_bytes()
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.path.parent.stat().st_mode) == 0o700


def test_an_archive_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    frozen = freeze(_small(tmp_path / "one"), tmp_path / "a")
    before = frozen.path.stat()
    again = freeze(tmp_path / "one", tmp_path / "a")
    assert again == frozen
    assert again.path.stat().st_mtime_ns == before.st_mtime_ns
    assert again.path.stat().st_ino == before.st_ino
    assert list(frozen.path.parent.iterdir()) == [frozen.path]


def test_pipes_and_sockets_are_passed_over_and_links_not_followed(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the host's")
    plain = _small(tmp_path / "plain")
    (plain / "out").symlink_to(secret)
    (plain / "up").symlink_to("../..")
    odd = tmp_path / "odd"
    shutil.copytree(plain, odd, symlinks=True)
    os.mkfifo(odd / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(odd / "sock"))
        frozen = freeze(odd, tmp_path / "a")
    assert frozen.sha256 == digest(plain)
    with tarfile.open(frozen.path) as packed:
        assert packed.getmember("out").issym()
        assert {member.name for member in packed} == {
            *("link", "out", "run.sh", "src", "src/main.py", "up")
        }
    thaw(frozen.path, tmp_path / "again")
    assert os.readlink(tmp_path / "again" / "out") == str(secret)  # noqa: PTH115 - as it is


def test_work_that_an_agent_locked_away_is_kept(tmp_path: Path) -> None:
    work = _small(tmp_path / "work")
    before = digest(work)
    (work / "src" / "main.py").chmod(0)
    (work / "src").chmod(0)
    work.chmod(0)
    # Root reads anything: whoever else runs this must have been let in.
    frozen = freeze(work, tmp_path / "a")
    assert frozen.sha256 == before
    assert stat.S_IMODE((work / "src").stat().st_mode) & stat.S_IRWXU == stat.S_IRWXU
    assert (work / "src" / "main.py").stat().st_mode & stat.S_IRUSR


def test_names_that_are_no_text_come_back(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    Path(os.fsdecode(os.fsencode(work) + b"/\xff\xfe")).write_text("x")
    thaw(freeze(work, tmp_path / "a").path, tmp_path / "again")
    assert os.listdir(os.fsencode(tmp_path / "again")) == [b"\xff\xfe"]  # noqa: PTH208 - bytes


def test_a_workspace_with_too_much_in_it_is_an_error_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = _small(tmp_path / "work")
    with (work / "sparse").open("wb") as file:
        file.truncate(workspace.MOST_BYTES + 1)
    with pytest.raises(OversizeError, match="or more; 200,000 of 4,294"):
        freeze(work, tmp_path / "a")
    (work / "sparse").unlink()
    monkeypatch.setattr(workspace, "MOST_ENTRIES", 3)
    with pytest.raises(OversizeError, match="4 entries"):
        digest(work)
    assert not (tmp_path / "a").exists()


@contextmanager
def _deep(root: Path, levels: int, name: str) -> Iterator[None]:
    """Folders inside each other until no path leads to the last one."""
    here = Path.cwd()
    try:
        os.chdir(root)
        for _ in range(levels):
            os.mkdir(name)  # noqa: PTH102 - relative, as an agent can
            os.chdir(name)
        Path("last.txt").write_text("x")
        yield
    finally:
        os.chdir(here)
        assert remove(root)


@pytest.mark.parametrize(("levels", "name"), [(30, "d" * 200), (1500, "d")])
def test_folders_that_no_path_leads_to_are_frozen_and_thawed(
    levels: int, name: str, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with _deep(work, levels, name):
        assert folder_bytes(work) > 4096 * levels
        frozen = freeze(work, tmp_path / "a")
        thaw(frozen.path, tmp_path / "again")
        assert len(list(texts(frozen.path, most_bytes=9))) == 1
    assert remove(tmp_path / "again")


def test_folders_too_deep_for_any_tool_are_an_error_of_their_own(
    tmp_path: Path,
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with _deep(work, 400, "d" * 200):
        assert folder_bytes(work) == workspace.ENDLESS
        with pytest.raises(OversizeError, match="too deep"):
            digest(work)
        with pytest.raises(OversizeError, match="too deep"):
            freeze(work, tmp_path / "a")


def test_names_of_folders_in_each_other_may_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(workspace, "_MOST_LETTERS", 10_000)
    with _deep(work, 200, "d"), pytest.raises(OversizeError, match="too deep"):
        digest(work)


def test_more_names_than_anybody_needs_count_as_endless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "MOST_NAMES", 9)
    (tmp_path / "file").touch()
    for number in range(9):
        (tmp_path / f"link{number}").hardlink_to(tmp_path / "file")
    assert folder_bytes(tmp_path) == workspace.ENDLESS


def test_files_are_as_old_as_they_were(tmp_path: Path) -> None:
    work = _small(tmp_path / "work")
    when = 1_700_000_000_123_456_789
    for number, name in enumerate(("run.sh", "src/main.py", "src")):
        os.utime(work / name, ns=(when + number, when + number))
    frozen = freeze(work, tmp_path / "a")
    thaw(frozen.path, tmp_path / "again", frozen.times)
    for number, name in enumerate(("run.sh", "src/main.py", "src")):
        assert (tmp_path / "again" / name).stat().st_mtime_ns == when + number


def test_nothing_in_a_starter_is_older_than_the_rest(tmp_path: Path) -> None:
    starter = _small(tmp_path / "starter")
    os.utime(starter / "run.sh", (1, 1))
    lay_out(starter, tmp_path / "work")
    found = [tmp_path / "work", *(tmp_path / "work").rglob("*")]
    assert len({path.lstat().st_mtime_ns for path in found}) == 1


def test_a_full_place_for_archives_leaves_nothing_half_done(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(RunError, match="cannot be written"):
        freeze(_small(tmp_path / "work"), tmp_path / "a")


def _archive(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for member in members:
            packed.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def _member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


@pytest.mark.parametrize(
    "members",
    [
        [_member("/etc/evil")],
        [_member("../evil")],
        [_member("a", tarfile.DIRTYPE), _member("a/../../evil")],
        [_member("a", tarfile.SYMTYPE, ".."), _member("a/evil")],
        [_member("a", tarfile.SYMTYPE, "../evil"), _member("a")],
        [_member("a"), _member("a")],
        [_member("a", tarfile.LNKTYPE, "../secret")],
        [_member("a", tarfile.FIFOTYPE)],
        [_member("a", tarfile.CHRTYPE)],
        [_member("a/b")],
        [_member("a")],  # harmless, but not what its name says
    ],
)
def test_an_archive_that_freeze_did_not_write_is_refused(
    tmp_path: Path, members: list[tarfile.TarInfo]
) -> None:
    (tmp_path / "secret").write_text("the host's")
    (tmp_path / "in").mkdir()
    archive = _archive(tmp_path / "in" / "a.tar.gz", *members)
    with pytest.raises(RunError):
        thaw(archive, tmp_path / "in" / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "secret"]
    assert not Path("/etc/evil").exists()


def test_a_damaged_archive_is_one_clear_line(tmp_path: Path) -> None:
    frozen = freeze(_small(tmp_path / "work"), tmp_path / "a")
    whole = frozen.path.read_bytes()
    for place, damaged in enumerate(
        [b"", whole[: len(whole) // 2], whole[:50] + b"\0" * 20 + whole[70:], b"text"]
    ):
        frozen.path.write_bytes(damaged)
        with pytest.raises(RunError, match=r"cannot be unpacked \(|has another hash"):
            thaw(frozen.path, tmp_path / str(place))


def test_texts_of_an_archive_are_read_without_unpacking(tmp_path: Path) -> None:
    work = _small(tmp_path / "work")
    (work / "bytes").write_bytes(b"\xff" + b"x" * 100)
    frozen = freeze(work, tmp_path / "a")
    assert list(texts(frozen.path, most_bytes=8)) == [
        ("bytes", "\\xff" + "x" * 7),
        ("run.sh", "#!/bin/s"),
        ("src/main.py", "print(1)"),
    ]


def test_a_starter_is_laid_out_writable_with_its_links(tmp_path: Path) -> None:
    starter = _small(tmp_path / "starter")
    for path in (starter / "src" / "main.py", starter / "src", starter):
        path.chmod(0o555 if path.is_dir() else 0o444)
    lay_out(starter, tmp_path / "work")
    assert digest(tmp_path / "work") == digest(starter)
    for name in ("src/main.py", "src", "."):
        mode = (tmp_path / "work" / name).stat().st_mode
        assert mode & stat.S_IWUSR


def test_what_working_on_a_task_left_behind_is_not_laid_out(tmp_path: Path) -> None:
    starter = _small(tmp_path / "starter")
    before = digest(starter)
    (starter / "src" / "__pycache__").mkdir()
    (starter / "src" / "__pycache__" / "main.pyc").touch()
    lay_out(starter, tmp_path / "work")
    assert digest(tmp_path / "work") == before


def test_a_task_without_a_starter_begins_with_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "task").mkdir()
    lay_out(tmp_path / "task" / "starter", tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_task_that_is_gone_is_no_empty_starter(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be copied"):
        lay_out(tmp_path / "gone" / "starter", tmp_path / "work")


def test_the_disk_counts_what_is_on_it(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    empty = folder_bytes(work)
    (work / "inner").mkdir()
    (work / "inner" / "data").write_bytes(b"x" * 1_000_000)
    os.link(work / "inner" / "data", work / "again")
    (work / "up").symlink_to("/")
    with (work / "sparse").open("wb") as file:
        file.truncate(10**9)
    assert 1_000_000 <= folder_bytes(work) - empty < 1_200_000
    assert folder_bytes(tmp_path / "none") == 0


def test_the_disk_is_counted_while_files_come_and_go(tmp_path: Path) -> None:
    ended = threading.Event()

    def busy() -> None:
        while not ended.is_set():
            for place in range(20):
                (tmp_path / f"d{place}").mkdir()
                (tmp_path / f"d{place}" / "f").write_text("x")
            for place in range(20):
                shutil.rmtree(tmp_path / f"d{place}")

    agent = threading.Thread(target=busy)
    agent.start()
    try:
        for _ in range(200):
            assert 0 <= folder_bytes(tmp_path) < 10**7
    finally:
        ended.set()
        agent.join()
