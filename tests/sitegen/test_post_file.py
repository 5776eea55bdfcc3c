"""A post as a file: what its name and front matter say."""

from pathlib import Path

import pytest

from harness_bench.errors import PostError
from sitegen.post_file import read_post, read_posts


def post(folder: Path, text: str, name: str = "2026-04-28-which-model.md") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_name_gives_day_and_title_where_nothing_else_does(tmp_path: Path) -> None:
    found = read_post(post(tmp_path, "Text"))
    assert (found.slug, found.day, found.title) == (
        "which-model",
        "2026-04-28",
        "which model",
    )
    assert (found.text, found.above, found.data) == ("Text", 0, "")


def test_front_matter_comes_before_the_name(tmp_path: Path) -> None:
    text = (
        "---\ntitle: Which?\ndate: 2026-05-01 10:00:00 +0200\ndata: 2026-04-28\n---\nA"
    )
    found = read_post(post(tmp_path, text))
    assert (found.title, found.day, found.data) == (
        "Which?",
        "2026-05-01",
        "2026-04-28",
    )
    assert (found.text, found.above) == ("A", 5)
    assert found.problem(1, "is wrong").line == 6


def test_a_live_post_is_bound_to_no_day(tmp_path: Path) -> None:
    found = read_post(post(tmp_path, "---\nlive: true\ndata: 2026-04-28\n---\nA"))
    assert found.data == ""


def test_the_newest_comes_first_and_other_files_are_no_posts(tmp_path: Path) -> None:
    for name in (
        "2026-01-01-a.md",
        "2026-02-01-b.md",
        "c.txt",
        "2026-02-01-a.markdown",
    ):
        post(tmp_path, "Text", name)
    found = [(each.day, each.slug) for each in read_posts(tmp_path)]
    assert found[-1] == ("2026-01-01", "a")
    assert len(found) == 3
    assert read_posts(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"\xff", "is not UTF-8"), (b"---\na: [\n---\n", "front matter that is no YAML")],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.md").write_bytes(content)
    with pytest.raises(PostError, match=f"a.md: .*{told}"):
        read_post(tmp_path / "a.md")
