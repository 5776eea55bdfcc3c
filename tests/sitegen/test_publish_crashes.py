"""Whatever ends a build, the folder holds whole files that the next build knows."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.errors import PublishError
from sitegen.publish import JOURNAL, STAGING, commit, mend, plan, publish, stage
from sitegen.site import Site
from tests.sitegen.folders import NEW, OLD, everything_in, files_in, folders_in


def steps_of(site: Site, folder: Path) -> Iterator[None]:
    """A build that can be left after any of its steps, as a kill leaves it."""
    decided = plan(site, folder)
    yield from stage(decided)
    yield from commit(folder)


def killed_after(steps: int, site: Site, folder: Path) -> bool:
    """Leave a build after some steps; whether it was at its end by then."""
    return len(list(islice(steps_of(site, folder), steps))) < steps


@pytest.mark.parametrize("first", [{}, OLD], ids=["new folder", "old site"])
@pytest.mark.parametrize("last", [OLD, NEW, {}], ids=["old", "new", "nothing"])
def test_after_a_crash_at_any_step_the_next_build_is_whole(
    tmp_path: Path, first: Site, last: Site
) -> None:
    whole = {*OLD.items(), *NEW.items()}
    for steps in range(100):
        folder = tmp_path / str(steps)
        folder.mkdir()
        if first:
            publish(first, folder)
        done = killed_after(steps, NEW, folder)
        staged = f"{STAGING}/"
        left = {
            item for item in files_in(folder).items() if not item[0].startswith(staged)
        }
        assert left <= whole, "half a file is in the site"
        changes = publish(last, folder)
        assert files_in(folder) == last
        assert not (folder / STAGING).exists()
        assert changes.edited == ()
        if done:
            break
    assert done
    assert steps > len(NEW)


def with_a_host(folder: Path) -> None:
    """What the place where a site stands keeps in its folder."""
    (folder / ".git" / "refs").mkdir(parents=True)
    for name in (".git/HEAD", "CNAME", "README.md"):
        (folder / name).write_text(f"the host's {name}")


HOST = {name: f"the host's {name}".encode() for name in (".git/HEAD", "CNAME")}
HOST["README.md"] = b"the host's README.md"


def test_after_a_kill_at_any_step_the_folder_is_mended_to_the_old_or_the_new_site(
    tmp_path: Path,
) -> None:
    ends = []
    for steps in range(100):
        folder = tmp_path / str(steps)
        folder.mkdir()
        with_a_host(folder)
        publish(OLD, folder)
        done = killed_after(steps, NEW, folder)
        mend(folder)
        assert not (folder / STAGING).exists()
        found = files_in(folder)
        assert found in ({**OLD, **HOST}, {**NEW, **HOST})
        ends.append(found == {**NEW, **HOST})
        changes = plan(NEW if ends[-1] else OLD, folder).changes
        assert (changes.written, changes.deleted) == ((), ())
        if done:
            break
    assert done
    assert ends == sorted(ends)
    assert 0 < sum(ends) < len(ends)


def test_a_kill_while_a_folder_is_mended_is_mended_too(tmp_path: Path) -> None:
    begun(tmp_path)
    kills = 0
    while len(list(islice(commit(tmp_path), kills + 1))) > kills:
        kills += 1
        assert kills < 100
    assert kills > 2
    assert mend(tmp_path)
    assert files_in(tmp_path) == NEW
    assert not mend(tmp_path)


def begun(folder: Path) -> None:
    """A build from the old site to the new one, killed before its first page."""
    publish(OLD, folder)
    for _ in stage(plan(NEW, folder)):
        pass


def test_mending_overwrites_nothing_that_somebody_put_there_since(
    tmp_path: Path,
) -> None:
    begun(tmp_path)
    (tmp_path / "models" / "b.html").write_text("mine")
    with pytest.raises(PublishError, match=r"models/b\.html: was not written by"):
        mend(tmp_path)
    (tmp_path / "models" / "b.html").unlink()
    (tmp_path / "models" / "gone.html").unlink()
    (tmp_path / "models" / "gone.html").symlink_to("a.html")
    with pytest.raises(PublishError, match=r"models/gone\.html: is a symbolic link"):
        mend(tmp_path)
    (tmp_path / "models" / "gone.html").unlink()
    assert mend(tmp_path)
    assert files_in(tmp_path) == NEW


def test_mending_deletes_nothing_once_the_new_manifest_is_there(
    tmp_path: Path,
) -> None:
    begun(tmp_path)
    for _ in commit(tmp_path):
        if not (tmp_path / STAGING / "after").exists():
            break
    (tmp_path / "models" / "gone.html").write_text("mine")
    assert mend(tmp_path)
    assert files_in(tmp_path) == {**NEW, "models/gone.html": b"mine"}


@pytest.mark.parametrize(
    "content",
    [
        b"no JSON",
        b"[]",
        b'{"written": [], "gone": []}',
        b'{"written": 1, "gone": [], "added": [], "obstacles": []}',
        b'{"written": [], "gone": ["../outside"], "added": [], "obstacles": []}',
        b'{"written": ["/outside"], "gone": [], "added": [], "obstacles": []}',
        b'{"written": ["a", "/outside"], "gone": ["b"], "added": [], "obstacles": []}',
    ],
)
def test_a_journal_that_no_build_wrote_is_refused_and_leads_nowhere(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "outside").write_text("outside")
    folder = tmp_path / "site"
    begun(folder)
    (folder / STAGING / JOURNAL).write_bytes(content)
    with pytest.raises(PublishError, match="is not a journal that this version"):
        mend(folder)
    with pytest.raises(PublishError, match=r"remove \.sitegen-staging and"):
        publish(NEW, folder)
    assert (tmp_path / "outside").read_text() == "outside"
    assert files_in(folder).items() >= OLD.items()


def test_a_folder_in_which_nothing_was_begun_needs_no_mending(tmp_path: Path) -> None:
    assert not mend(tmp_path)
    assert not mend(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []


paths = st.sampled_from(["a", "a/b", "a/b/c", "d.html", "e/f.html", "e/g", "h"])
sites = st.dictionaries(paths, st.binary(max_size=2), max_size=5).filter(
    lambda site: (
        not any(other.startswith(f"{path}/") for path in site for other in site)
    )
)


@given(st.lists(st.tuples(sites, st.integers(0, 15)), max_size=4), sites)
@settings(max_examples=60)
def test_any_history_of_killed_builds_ends_in_the_last_site(
    history: list[tuple[Site, int]], last: Site
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for site, steps in history:
            killed_after(steps, site, folder)
            mend(folder)
            assert files_in(folder) in [{}, *(each for each, _ in history)]
        publish(last, folder)
        assert files_in(folder) == last
        assert folders_in(folder) == {
            parent.as_posix()
            for path in last
            for parent in Path(path).parents
            if parent != Path()
        }


PROGRAM = """
import sys
from pathlib import Path
from sitegen.publish import publish
size = int(sys.argv[2])
site = {f"{name}.html": bytes([65 + size % 26]) * size for name in range(20)}
print("go", flush=True)
while True:
    publish(site, Path(sys.argv[1]))
    publish({**site, "extra.html": b"x"}, Path(sys.argv[1]))
"""


def test_a_killed_build_leaves_a_folder_that_the_next_one_knows(
    tmp_path: Path,
) -> None:
    for size in range(1, 6):
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, tmp_path, str(size)],
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.02 * size)
            process.send_signal(signal.SIGKILL)
    publish(NEW, tmp_path)
    assert files_in(tmp_path) == NEW


LIMITED = """
import resource, sys
from pathlib import Path
from harness_bench.errors import PublishError
from sitegen.publish import publish
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    publish({"index.html": b"new", "big.html": b"x" * 10_000}, Path(sys.argv[1]))
except PublishError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_leaves_the_old_site(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    before = everything_in(tmp_path)
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert len(said.splitlines()) == 1
    assert "file too large" in said
    assert "nothing was changed" in said
    assert everything_in(tmp_path) == before


def test_a_build_that_fails_leaves_no_empty_folder(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LIMITED, tmp_path / "new"], check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_build_at_work_is_no_half_build(tmp_path: Path) -> None:
    begun(tmp_path)
    with locked(tmp_path), pytest.raises(PublishError, match="another build is"):
        mend(tmp_path)
    assert mend(tmp_path)


LOCKING = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another process is at work in the folder."""
    command = [sys.executable, "-c", LOCKING, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield
        other.communicate()


def test_two_builds_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(PublishError, match="another build is writing"),
    ):
        publish(OLD, tmp_path)
    publish(OLD, tmp_path)
    assert files_in(tmp_path) == OLD
